import { describe, expect, it } from 'vitest';
import { ApiError } from './api-error';
import type { JsonObject } from './json';
import { signThinking } from './signature';
import { validateConversation, validateFields, type Dialect } from './validate-request';

const OLD: Dialect = { version: '2023-06-01', betas: [] };
const NEW: Dialect = { version: '2026-10-21', betas: [] };
const BASE: JsonObject = {
  model: 'claude-sonnet-4-6',
  max_tokens: 2048,
  messages: [{ role: 'user', content: 'Hi' }],
};
const TOOL = { name: 'now', input_schema: { type: 'object' } };

function refusal(change: JsonObject, dialect = OLD): string | undefined {
  const body = Object.fromEntries(Object.entries({ ...BASE, ...change }).filter(([, value]) => value !== undefined));
  try {
    validateConversation(body, validateFields(body, dialect, 'answer'), dialect);
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return `${String(error.status)} ${error.message}`;
  }
}

function says(...content: JsonObject[]): JsonObject {
  return { messages: [{ role: 'user', content }] };
}

describe('validation in the words of the API', () => {
  it('lets a plain request through in both versions', () => {
    expect(refusal({})).toBeUndefined();
    expect(refusal({}, NEW)).toBeUndefined();
  });

  it.each<[JsonObject, string]>([
    [{ model: undefined }, '400 model: Field required'],
    [{ max_tokens: undefined }, '400 max_tokens: Field required'],
    [{ messages: undefined }, '400 messages: Field required'],
    [{ messages: 'Hi' }, '400 messages: Input should be a valid list'],
    [{ messages: [] }, '400 messages: at least one message is required'],
    [{ max_tokens: '5' }, '400 max_tokens: Input should be a valid integer'],
    [{ max_tokens: -1 }, '400 max_tokens: Input should be greater than or equal to 0'],
    [{ stream: 'yes' }, '400 stream: Input should be a valid boolean'],
    [{ foo: 1 }, '400 foo: Extra inputs are not permitted'],
    [{ context_management: { edits: [] } }, '400 context_management: Extra inputs are not permitted'],
    [{ model: 'claude-foo' }, '404 model: claude-foo'],
    [{ temperature: 2 }, '400 temperature: Input should be less than or equal to 1'],
    [{ model: 'claude-opus-4-8', temperature: 0.5 }, '400 `temperature` is deprecated for this model.'],
    [says({ type: 'text', text: '' }), '400 messages: text content blocks must be non-empty'],
    [
      { thinking: { type: 'enabled', budget_tokens: 10 } },
      '400 thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
    ],
    [
      { thinking: { type: 'enabled', budget_tokens: 2048 } },
      '400 `max_tokens` must be greater than `thinking.budget_tokens`.',
    ],
    [
      { model: 'claude-haiku-4-5', thinking: { type: 'adaptive' } },
      '400 adaptive thinking is not supported on this model',
    ],
    [
      { thinking: { type: 'adaptive' }, tools: [TOOL], tool_choice: { type: 'any' } },
      '400 Thinking may not be enabled when tool_choice forces tool use.',
    ],
    [
      {
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: 'Well' },
        ],
      },
      '400 This model does not support assistant message prefill. The conversation must end with a user message.',
    ],
    [
      { tools: [{ name: 'a b', input_schema: { type: 'object' } }] },
      "400 tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    ],
    [{ tools: [TOOL, TOOL] }, '400 tools: Tool names must be unique.'],
    [
      { model: 'claude-haiku-4-5', inference_geo: 'us' },
      '400 inference_geo: not supported for claude-haiku-4-5-20251001',
    ],
  ])('refuses %j', (change, message) => {
    expect(refusal(change)).toBe(message);
  });

  it('names the model and its figure when max_tokens is too large', () => {
    expect(refusal({ model: 'claude-haiku-4-5', max_tokens: 64_001 })).toContain('64001 > 64000, which is the maximum');
  });

  it('refuses "enabled" thinking on Opus 4.8 and points to "adaptive"', () => {
    const thinking = { type: 'enabled', budget_tokens: 1024 };
    expect(refusal({ model: 'claude-opus-4-8', thinking })).toContain('"thinking.type.enabled" is not supported');
    expect(refusal({ model: 'claude-opus-4-8', thinking: { type: 'adaptive' } })).toBeUndefined();
  });

  it('knows no sampling parameter under 2026-10-21', () => {
    expect(refusal({ temperature: 1 })).toBeUndefined();
    for (const field of ['temperature', 'top_p', 'top_k']) {
      expect(refusal({ [field]: 1 }, NEW)).toBe(`400 ${field}: Extra inputs are not permitted`);
    }
  });

  it('counts cache breakpoints in tools, system, messages and the automatic one', () => {
    const cache_control = { type: 'ephemeral' };
    const marked = { type: 'text', text: 'a', cache_control };
    const four = { tools: [{ ...TOOL, cache_control }], system: [marked], ...says(marked, marked) };
    expect(refusal(four)).toBeUndefined();
    expect(refusal({ ...four, cache_control })).toBe(
      '400 A maximum of 4 blocks with cache_control may be provided. Found 5.',
    );
  });

  it('demands that tool uses and tool results answer each other', () => {
    const use = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'now', input: {} }] };
    const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'noon' }] };
    const [question] = BASE['messages'] as JsonObject[];
    expect(refusal({ messages: [question ?? {}, use, result] })).toBeUndefined();
    expect(refusal({ messages: [question ?? {}, result] })).toContain('unexpected `tool_use_id` found');
    expect(refusal({ messages: [question ?? {}, use, question ?? {}] })).toContain('immediately after: toolu_1');
  });

  it('refuses a thinking block whose text no longer fits its signature', () => {
    const history = (thinking: string) => ({
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: [{ type: 'thinking', thinking, signature: signThinking('as it was') }] },
        { role: 'user', content: 'And?' },
      ],
    });
    expect(refusal(history('as it was'))).toBeUndefined();
    expect(refusal(history('as it never was'))).toBe(
      '400 messages.1.content.0: Invalid `signature` in `thinking` block',
    );
  });

  it('opens beta fields only to those who send the beta', () => {
    const dialect = { version: '2023-06-01', betas: ['context-management-2025-06-27'] };
    expect(refusal({ context_management: { edits: [] } }, dialect)).toBeUndefined();
  });
});
