import { describe, expect, it } from 'vitest';
import { AppError } from '@/lib/domain/app-error';
import { parseCountTokensRequest, parseMessagesRequest } from './messages';

const BODY = { model: 'claude-opus-4-8', max_tokens: 1_024, messages: [{ role: 'user', content: 'hi' }] };

describe('parseMessagesRequest', () => {
  it('reads the least request there is, and leaves its bytes as they came', () => {
    const bytes = Buffer.from(JSON.stringify(BODY));
    const request = parseMessagesRequest(bytes);
    expect(request).toMatchObject({
      model: 'claude-opus-4-8',
      maxTokens: 1_024,
      stream: false,
      thread: undefined,
      thinkingBudgetTokens: 0,
      speed: undefined,
      inferenceGeo: undefined,
    });
    expect(request.bytes).toBe(bytes);
  });

  it.each([
    ['a stream', { stream: true }, { stream: true }],
    ['an explicit no stream', { stream: false }, { stream: false }],
    ['a pre-warm', { max_tokens: 0 }, { maxTokens: 0 }],
    ['fast mode', { speed: 'fast' }, { speed: 'fast' }],
    ['US inference', { inference_geo: 'us' }, { inferenceGeo: 'us' }],
    ['enabled thinking', { thinking: { type: 'enabled', budget_tokens: 2_000 } }, { thinkingBudgetTokens: 2_000 }],
    ['adaptive thinking', { thinking: { type: 'adaptive', display: 'omitted' } }, { thinkingBudgetTokens: 0 }],
    ['thinking of a kind to come', { thinking: { type: 'between_tools' } }, { thinkingBudgetTokens: 0 }],
    ['a new thread', { thread: { type: 'create' } }, { thread: { type: 'create' } }],
    [
      'a thread that goes on',
      { thread: { type: 'continue', previous_message_id: 'msg_1', more: 1 } },
      { thread: { type: 'continue', previousMessageId: 'msg_1' } },
    ],
    ['no thread', { thread: null }, { thread: undefined }],
    [
      'a bounded search',
      { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 2 }] },
      { tools: [{ maxUses: 2 }] },
    ],
  ])('reads %s', (_what, change, read) => {
    expect(parse({ ...BODY, ...change })).toMatchObject(read);
  });

  it.each([
    ['fields nobody knows yet', { hologram: { points: [1] } }],
    ['messages the upstream will refuse', { messages: 'hi' }],
    ['no messages', { messages: undefined }],
    ['sampling', { temperature: 2, top_p: 0.5, top_k: 7 }],
    [
      'tools of the caller',
      {
        tools: [
          { name: 'a', input_schema: { type: 'object' } },
          { type: 'bash_20250124', name: 'bash' },
        ],
      },
    ],
    ['mcp servers', { mcp_servers: [{ type: 'url', url: 'https://example.com', name: 'x' }] }],
    ['a metadata user', { metadata: { user_id: 'someone' } }],
    ['a service tier', { service_tier: 'standard_only' }],
    [
      'code that runs free with a search',
      { tools: [{ type: 'code_execution_20260120' }, { type: 'web_search_20260209' }] },
    ],
    [
      'code that runs free with a fetch',
      { tools: [{ type: 'web_fetch_20260318' }, { type: 'code_execution_20250825' }] },
    ],
  ])('leaves to the upstream: %s', (_what, change) => {
    expect(parse({ ...BODY, ...change }).model).toBe('claude-opus-4-8');
  });

  it.each([
    ['no model', { model: undefined }, 'model: Field required'],
    ['a model that is no text', { model: 7 }, 'model: Input should be a valid string'],
    ['a null model', { model: null }, 'model: Input should be a valid string'],
    ['no max_tokens', { max_tokens: undefined }, 'max_tokens: Field required'],
    ['a text for max_tokens', { max_tokens: '1024' }, 'max_tokens: Input should be a valid integer'],
    ['a fraction of a token', { max_tokens: 1.5 }, 'max_tokens: Input should be a valid integer'],
    ['negative max_tokens', { max_tokens: -1 }, 'max_tokens: Input should be a valid integer'],
    ['null max_tokens', { max_tokens: null }, 'max_tokens: Input should be a valid integer'],
    ['max_tokens past exactness', { max_tokens: 2 ** 53 }, 'max_tokens: Input should be a valid integer'],
    ['a text for stream', { stream: 'true' }, 'stream: Input should be a valid boolean'],
    ['a number for stream', { stream: 1 }, 'stream: Input should be a valid boolean'],
    ['a thread of no kind', { thread: { type: 'fork' } }, 'thread: Input should be {"type": "create"}'],
    ['a thread without its message', { thread: { type: 'continue' } }, 'thread: Input should be'],
    [
      'a thread with an endless id',
      { thread: { type: 'continue', previous_message_id: 'm'.repeat(201) } },
      'thread: Input should be',
    ],
    ['a thread with an empty id', { thread: { type: 'continue', previous_message_id: '' } }, 'thread: Input should be'],
    [
      'a thread with an id that no database takes',
      { thread: { type: 'continue', previous_message_id: 'msg_\u0000' } },
      'thread: Input should be',
    ],
  ])('refuses %s, in the words of the API', (_what, change, message) => {
    expect(refusal(JSON.stringify({ ...BODY, ...change }))).toContain(message);
  });

  it('refuses what is given twice and decides the price, however it is spelt', () => {
    const rest = '"messages":[]';
    expect(refusal(`{"model":"a","max_tokens":1,"max_tokens":9,${rest}}`)).toContain(
      'max_tokens: the field is given twice',
    );
    expect(refusal(`{"model":"a","max_tokens":1,"max_\\u0074okens":9,${rest}}`)).toContain(
      'max_tokens: the field is given twice',
    );
    for (const field of ['model', 'stream', 'speed', 'inference_geo', 'thinking', 'thread', 'tools']) {
      const body = `{"model":"a","max_tokens":1,${rest},"${field}":null,"${field}":null}`;
      expect(refusal(body)).toContain(`${field}: the field is given twice`);
    }
  });

  it.each([
    ['container', { container: 'container_1' }],
    ['diagnostics', { diagnostics: { previous_message_id: 'msg_1' } }],
    ['fallbacks', { fallbacks: 'default' }],
    ['fallback_credit_token', { fallback_credit_token: 'x' }],
    ['billing_policy', { billing_policy: {} }],
    ['user_profile_id', { user_profile_id: 'x' }],
    ['workspace_id', { workspace_id: 'x' }],
    [
      'file_id',
      { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: 'file_1' } }] }] },
    ],
    ['container_upload', { messages: [{ role: 'user', content: [{ type: 'container_upload', file_id: 'file_1' }] }] }],
    ['advisor_20260301', { tools: [{ type: 'advisor_20260301', model: 'claude-fable-5' }] }],
    ['code_execution_20250825', { tools: [{ type: 'code_execution_20250825' }] }],
    ['code_execution_20260120', { tools: [{ type: 'code_execution_20260120' }, { type: 'web_search_20250305' }] }],
  ])('refuses %s, which reaches what all customers share, and says so', (name, change) => {
    const message = refusal(JSON.stringify({ ...BODY, ...change }));
    expect(message).toContain(name);
    expect(message).toContain('not available on SaveRouter');
    expect(refusal(JSON.stringify({ ...BODY, ...change }), parseCountTokensRequest)).toBe(message);
  });

  it('is not misled by a tool input that looks like shared state', () => {
    const input = {
      container: 'c',
      type: 'container_upload',
      source: { type: 'file', file_id: 'f' },
      workspace_id: 'w',
    };
    const messages = [{ role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'a', input }] }];
    expect(parse({ ...BODY, messages, metadata: input }).usesFiles).toBe(false);
  });

  it.each(['', 'hello', '[]', 'null', '{"model":', '{"model":"a"}}', `{"messages":${'['.repeat(100_000)}`])(
    'refuses a body that is no JSON object, and says what to send',
    (text) => {
      const message = refusal(text);
      expect(message).toContain('not valid JSON');
      expect(message).toContain('Send one JSON object with model, max_tokens and messages.');
    },
  );

  it('never quotes the body in a refusal', () => {
    for (const text of [
      '{"model":"a","secret prompt"',
      '{"model":"a","max_tokens":"secret prompt"}',
      '{"secret prompt',
    ]) {
      expect(refusal(text)).not.toContain('secret');
    }
  });
});

describe('parseCountTokensRequest', () => {
  it('reads a body without max_tokens', () => {
    const bytes = Buffer.from('{"model":"claude-haiku-4-5","messages":[]}');
    expect(parseCountTokensRequest(bytes)).toEqual({ model: 'claude-haiku-4-5', thread: undefined });
  });

  it('refuses a body without a model, and one with two', () => {
    expect(refusal('{"messages":[]}', parseCountTokensRequest)).toBe('model: Field required');
    expect(refusal('{"model":"a","model":"b"}', parseCountTokensRequest)).toContain('given twice');
  });
});

function parse(value: unknown): ReturnType<typeof parseMessagesRequest> {
  return parseMessagesRequest(Buffer.from(JSON.stringify(value)));
}

/** The message of the refusal, which is always the caller's to mend. */
function refusal(text: string, parser: (bytes: Buffer) => unknown = parseMessagesRequest): string {
  try {
    parser(Buffer.from(text));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.kind).toBe('invalid_request');
    return error.message;
  }
  throw new Error('it was not refused');
}
