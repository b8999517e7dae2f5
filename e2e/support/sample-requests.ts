import { directive } from '@/e2e/fakes/anthropic/control';
import type { Fault } from '@/e2e/fakes/anthropic/fault';
import { signThinking } from '@/e2e/fakes/anthropic/signature';

/** A request that can go to the stand-in directly and through the gateway. */
export interface SampleRequest {
  name: string;
  version?: '2023-06-01' | '2026-10-21';
  beta?: string;
  body: Record<string, unknown>;
}

/** One black pixel. */
export const PNG_BASE64 =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export const WEATHER_TOOL = {
  name: 'get_weather',
  description: 'The weather in a place.',
  input_schema: {
    type: 'object',
    properties: { location: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
    required: ['location'],
  },
};

/** Longer than what any of the models needs to cache it. */
const LONG_SYSTEM = 'You know everything about the tides of the North Sea. '.repeat(400);
const CALL = { type: 'tool_use', id: 'toolu_01A', name: 'get_weather', input: { location: 'Köln' } };
const RESULT = { type: 'tool_result', tool_use_id: 'toolu_01A', content: [{ type: 'text', text: '12 °C' }] };
const THOUGHT = 'The user greets me.';

/** A body that asks for `says` of one of the models, with whatever else. */
function asks(says: unknown, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { model: 'claude-sonnet-4-6', max_tokens: 300, messages: [{ role: 'user', content: says }], ...more };
}

function told(name: string, fault: Fault, more: Record<string, unknown> = {}): SampleRequest {
  return { name, body: asks(`Hi ${directive(fault)}`, more) };
}

const CACHED_SYSTEM = (ttl?: '1h') => [
  { type: 'text', text: LONG_SYSTEM, cache_control: { type: 'ephemeral', ...(ttl && { ttl }) } },
];

/** What clients send in the ordinary course of things; each is answered as JSON and as a stream. */
export const ORDINARY_REQUESTS: SampleRequest[] = [
  { name: 'a word', body: asks('Hello') },
  { name: 'the newest version', version: '2026-10-21', body: asks('Hello') },
  { name: 'a system prompt', body: asks('Hello', { system: 'Be brief.', metadata: { user_id: 'u-1' } }) },
  {
    name: 'several turns',
    body: asks('', {
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello!' },
        { role: 'user', content: [{ type: 'text', text: 'Grüße 🙂 мир' }] },
      ],
    }),
  },
  { name: 'sampling', body: asks('Hi', { temperature: 0.5, top_p: 0.9, top_k: 5 }) },
  { name: 'a stop sequence', body: asks('Hi', { stop_sequences: ['stand-in'] }) },
  { name: 'few tokens', body: asks('Hi', { max_tokens: 3 }) },
  { name: 'a service tier and a place', body: asks('Hi', { service_tier: 'auto', inference_geo: 'us' }) },
  { name: 'a dated name', body: asks('Hi', { model: 'claude-haiku-4-5-20251001' }) },
  { name: 'fast mode', beta: 'fast-mode-2026-02-01', body: asks('Hi', { model: 'claude-opus-4-8', speed: 'fast' }) },
  { name: 'a prefilled answer', body: prefilled() },
  { name: 'a tool', body: asks('Weather in Köln?', { tools: [WEATHER_TOOL] }) },
  {
    name: 'a forced tool',
    body: asks('Weather?', { tools: [WEATHER_TOOL], tool_choice: { type: 'tool', name: 'get_weather' } }),
  },
  { name: 'a tool result', body: withResult() },
  { name: 'a typed tool', body: asks('List', { tools: [{ type: 'bash_20250124', name: 'bash' }] }) },
  { name: 'web search', body: asks('News?', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }) },
  {
    name: 'adaptive thinking',
    body: asks('Hi', { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }),
  },
  { name: 'enabled thinking', body: asks('Hi', { max_tokens: 2000, thinking: enabled(1024) }) },
  { name: 'omitted thinking', body: asks('Hi', { thinking: { type: 'adaptive', display: 'omitted' } }) },
  told('redacted thinking', { redactedThinking: true }, { thinking: { type: 'adaptive' } }),
  { name: 'thinking sent back', body: withThinking() },
  { name: 'an image', body: asks([image(), { type: 'text', text: 'What is it?' }]) },
  {
    name: 'an image by URL',
    body: asks([{ type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }]),
  },
  { name: 'a document', body: asks([document(), { type: 'text', text: 'Sum up.' }]) },
  { name: 'a cache write of five minutes', body: asks('Hi', { system: CACHED_SYSTEM() }) },
  { name: 'a cache read', body: asks('Hi again', { system: CACHED_SYSTEM() }) },
  { name: 'a cache write of an hour', body: asks('Hi', { system: CACHED_SYSTEM('1h'), model: 'claude-opus-4-8' }) },
  { name: 'automatic caching', body: asks(LONG_SYSTEM, { cache_control: { type: 'ephemeral' } }) },
  {
    name: 'structured output',
    body: asks('Hi', { output_config: { format: { type: 'json_schema', schema: WEATHER_TOOL.input_schema } } }),
  },
  {
    name: 'context management',
    beta: 'context-management-2025-06-27,compact-2026-01-12',
    body: asks(LONG_SYSTEM, {
      context_management: { edits: [{ type: 'compact_20260112', trigger: { type: 'input_tokens', value: 500 } }] },
    }),
  },
  told('a refusal', { refusal: true }),
  told('a refusal midway', { refusal: 'midstream' }),
  told('a thousand tokens', { outputTokens: 1000 }, { max_tokens: 2000 }),
  told('pings', { pings: 5 }),
];

/** What the upstream refuses, in words that clients act on. */
export const REFUSED_REQUESTS: SampleRequest[] = [
  { name: 'no messages', body: { model: 'claude-sonnet-4-6', max_tokens: 5 } },
  { name: 'empty messages', body: asks('', { messages: [] }) },
  { name: 'an empty text', body: asks([{ type: 'text', text: '' }]) },
  { name: 'an unknown role', body: asks('', { messages: [{ role: 'wizard', content: 'Hi' }] }) },
  { name: 'an unknown block', body: asks([{ type: 'hologram' }]) },
  { name: 'an unknown field', body: asks('Hi', { wisdom: true }) },
  { name: 'an unknown beta', beta: 'telepathy-2030-01-01', body: asks('Hi') },
  { name: 'a prefill where none is taken', body: { ...prefilled(), model: 'claude-opus-4-8' } },
  { name: 'sampling in the newest version', version: '2026-10-21', body: asks('Hi', { temperature: 0.5 }) },
  { name: 'a temperature above one', body: asks('Hi', { temperature: 1.5 }) },
  { name: 'too many tokens', body: asks('Hi', { max_tokens: 1_000_000 }) },
  {
    name: 'adaptive thinking on haiku',
    body: asks('Hi', { model: 'claude-haiku-4-5', thinking: { type: 'adaptive' } }),
  },
  { name: 'a budget above max_tokens', body: asks('Hi', { thinking: enabled(5000) }) },
  { name: 'a forged signature', body: withThinking('not a signature') },
  { name: 'five breakpoints', body: asks([1, 2, 3, 4, 5].map(breakpoint)) },
  { name: 'a result without a call', body: asks([RESULT]) },
  { name: 'context management without its beta', body: asks('Hi', { context_management: { edits: [] } }) },
  told('a 404 of the upstream', { status: 404, message: 'no such thing' }),
  told('a 413 of the upstream', { status: 413, message: 'Request exceeds the maximum size' }),
  told('a 422 of the upstream', { status: 422, message: 'Unprocessable' }),
  told('details', { status: 400, message: 'Too large', details: { error_code: 'image_dimensions_too_large' } }),
];

/** What count_tokens is asked. */
export const COUNTED_REQUESTS: SampleRequest[] = [
  { name: 'a word', body: counted('Hello') },
  { name: 'tools and a system prompt', body: counted('Hello', { tools: [WEATHER_TOOL], system: 'Be brief.' }) },
  { name: 'an image', body: counted([image()]) },
  {
    name: 'context management',
    beta: 'context-management-2025-06-27',
    body: counted('Hi', { context_management: {} }),
  },
  { name: 'no messages', body: { model: 'claude-sonnet-4-6' } },
  { name: 'an unknown field', body: counted('Hi', { wisdom: true }) },
];

function counted(says: unknown, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { model: 'claude-sonnet-4-6', messages: [{ role: 'user', content: says }], ...more };
}

function enabled(budgetTokens: number): Record<string, unknown> {
  return { type: 'enabled', budget_tokens: budgetTokens };
}

function image(): Record<string, unknown> {
  return { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG_BASE64 } };
}

function document(): Record<string, unknown> {
  return { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'The sea is wide.' } };
}

function breakpoint(number: number): Record<string, unknown> {
  return { type: 'text', text: `Part ${String(number)}`, cache_control: { type: 'ephemeral' } };
}

function prefilled(): Record<string, unknown> {
  const messages = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hel' },
  ];
  return asks('', { model: 'claude-haiku-4-5', messages });
}

function withResult(): Record<string, unknown> {
  const messages = [
    { role: 'user', content: 'Weather in Köln?' },
    { role: 'assistant', content: [CALL] },
    { role: 'user', content: [RESULT] },
  ];
  return asks('', { tools: [WEATHER_TOOL], messages });
}

function withThinking(signature = signThinking(THOUGHT)): Record<string, unknown> {
  const messages = [
    { role: 'user', content: 'Hi' },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: THOUGHT, signature },
        { type: 'text', text: 'Hi!' },
      ],
    },
    { role: 'user', content: 'And now?' },
  ];
  return asks('', { thinking: { type: 'adaptive' }, messages });
}
