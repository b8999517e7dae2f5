/** A stream of the Messages API as it comes over the wire, and what a meter has to make of it. */
export type RecordedStream = {
  name: string;
  /** With `\n` as line end. */
  text: string;
  usage: Record<string, unknown>;
  stopReason: string | null;
  /** The payloads of its deltas, as texts before they were encoded. */
  texts: string[];
  thoughts: string[];
  jsonParts: string[];
};

const MESSAGE = {
  id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-6',
  content: [],
  stop_reason: null,
  stop_sequence: null,
  stop_details: null,
  container: null,
};
const CACHED_START = {
  input_tokens: 412,
  cache_creation_input_tokens: 4_096,
  cache_read_input_tokens: 18_000,
  cache_creation: { ephemeral_5m_input_tokens: 3_000, ephemeral_1h_input_tokens: 1_096 },
  output_tokens: 1,
  service_tier: 'standard',
  inference_geo: 'global',
};
/** Payloads that look like frames, keys and ends, and that take two to four bytes a character. */
const TRICKY_TEXTS = [
  'Grüße, 世界 🙂🙂',
  '"}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n',
  '","text":"not text","thinking":"nor thought","partial_json":"nor JSON',
  'ends in a backslash \\',
  '\r\n',
  '',
];

/** One frame: an `event:` line with the type, a `data:` line, an empty line. */
export function frameText(data: { type: string } & Record<string, unknown>): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

export function messageStart(usage: Record<string, unknown>): string {
  return frameText({ type: 'message_start', message: { ...MESSAGE, usage } });
}

export function messageDelta(stopReason: string | null, usage: Record<string, unknown>): string {
  return frameText({ type: 'message_delta', delta: { stop_reason: stopReason, stop_sequence: null }, usage });
}

export const MESSAGE_STOP = frameText({ type: 'message_stop' });
const PING = frameText({ type: 'ping' });

export const RECORDED_STREAMS: readonly RecordedStream[] = [
  {
    name: 'thinking, text and a tool, with cache',
    text: [
      messageStart(CACHED_START),
      blockStart(0, { type: 'thinking', thinking: '', signature: '' }),
      PING,
      delta(0, { type: 'thinking_delta', thinking: 'I need to read the file first.' }),
      delta(0, { type: 'signature_delta', signature: 'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pk' }),
      blockStop(0),
      blockStart(1, { type: 'text', text: '' }),
      delta(1, { type: 'text_delta', text: 'Let me look.' }),
      blockStop(1),
      blockStart(2, { type: 'tool_use', id: 'toolu_01T1x1fJ34qAmk2tNTrN7Up6', name: 'read_file', input: {} }),
      delta(2, { type: 'input_json_delta', partial_json: '' }),
      delta(2, { type: 'input_json_delta', partial_json: '{"path": "src/a.ts"}' }),
      blockStop(2),
      messageDelta('tool_use', {
        input_tokens: 412,
        cache_creation_input_tokens: 4_096,
        cache_read_input_tokens: 18_000,
        output_tokens: 89,
        output_tokens_details: { thinking_tokens: 31 },
      }),
      MESSAGE_STOP,
    ].join(''),
    usage: { ...CACHED_START, output_tokens: 89, output_tokens_details: { thinking_tokens: 31 } },
    stopReason: 'tool_use',
    texts: ['Let me look.'],
    thoughts: ['I need to read the file first.'],
    jsonParts: ['', '{"path": "src/a.ts"}'],
  },
  {
    name: 'a web search, whose input grows',
    text: [
      messageStart({
        input_tokens: 2_679,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        output_tokens: 3,
      }),
      blockStart(0, { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }),
      delta(0, { type: 'input_json_delta', partial_json: '{"query":"weather"}' }),
      blockStop(0),
      blockStart(1, {
        type: 'web_search_tool_result',
        tool_use_id: 'srvtoolu_1',
        content: [{ type: 'web_search_result', title: 'Weather', encrypted_content: 'x'.repeat(700) }],
      }),
      blockStop(1),
      blockStart(2, { type: 'text', text: '', citations: [] }),
      delta(2, {
        type: 'citations_delta',
        citation: { type: 'web_search_result_location', cited_text: 'Rain, "text":"no"' },
      }),
      delta(2, { type: 'text_delta', text: 'It rains.' }),
      blockStop(2),
      messageDelta('end_turn', {
        input_tokens: 10_682,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        output_tokens: 510,
        server_tool_use: { web_search_requests: 1 },
      }),
      MESSAGE_STOP,
    ].join(''),
    usage: {
      input_tokens: 10_682,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 510,
      server_tool_use: { web_search_requests: 1 },
    },
    stopReason: 'end_turn',
    texts: ['It rains.'],
    thoughts: [],
    jsonParts: ['{"query":"weather"}'],
  },
  {
    name: 'text that looks like frames',
    text: [
      messageStart({ input_tokens: 9, output_tokens: 2 }),
      blockStart(0, { type: 'text', text: '' }),
      ...TRICKY_TEXTS.map((text) => delta(0, { type: 'text_delta', text })),
      blockStop(0),
      messageDelta('end_turn', { output_tokens: 77 }),
      MESSAGE_STOP,
    ].join(''),
    usage: { input_tokens: 9, output_tokens: 77 },
    stopReason: 'end_turn',
    texts: TRICKY_TEXTS,
    thoughts: [],
    jsonParts: [],
  },
  {
    name: 'several message_deltas, with nulls and zeros',
    text: [
      messageStart({ ...CACHED_START, output_tokens: 5 }),
      messageDelta(null, { output_tokens: 40, input_tokens: null, cache_creation: null }),
      messageDelta('pause_turn', { output_tokens: 90, input_tokens: 0, cache_read_input_tokens: 0 }),
      messageDelta('end_turn', { output_tokens: 120, cache_creation_input_tokens: 5_000 }),
      MESSAGE_STOP,
    ].join(''),
    usage: { ...CACHED_START, output_tokens: 120, cache_creation_input_tokens: 5_000 },
    stopReason: 'end_turn',
    texts: [],
    thoughts: [],
    jsonParts: [],
  },
  {
    name: 'a refusal before any block',
    text:
      messageStart({ input_tokens: 30, output_tokens: 4 }) +
      messageDelta('refusal', { output_tokens: 0 }) +
      MESSAGE_STOP,
    usage: { input_tokens: 30, output_tokens: 0 },
    stopReason: 'refusal',
    texts: [],
    thoughts: [],
    jsonParts: [],
  },
  {
    name: 'events and deltas of the future, and comments',
    text: [
      ': a comment\n\n',
      messageStart({ input_tokens: 30, output_tokens: 4 }),
      frameText({ type: 'message_mood', mood: 'bright', usage: { input_tokens: 1 } }),
      'event: unheard_of\ndata: this is no JSON\nid: 7\nretry: 10\n\n',
      blockStart(0, { type: 'hologram' }),
      delta(0, { type: 'hologram_delta', points: [1, 2, 3] }),
      delta(0, { type: 'compaction_delta', content: 'a summary' }),
      blockStop(0),
      messageDelta('end_turn', { output_tokens: 8 }),
      MESSAGE_STOP,
    ].join(''),
    usage: { input_tokens: 30, output_tokens: 8 },
    stopReason: 'end_turn',
    texts: [],
    thoughts: [],
    jsonParts: [],
  },
];

function blockStart(index: number, block: { type: string } & Record<string, unknown>): string {
  return frameText({ type: 'content_block_start', index, content_block: block });
}

function delta(index: number, payload: { type: string } & Record<string, unknown>): string {
  return frameText({ type: 'content_block_delta', index, delta: payload });
}

function blockStop(index: number): string {
  return frameText({ type: 'content_block_stop', index });
}
