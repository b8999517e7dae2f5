import { seededBase64 } from '../ids';
import type { JsonObject } from '../json';
import { conversation, DELTA_USAGE, json, START_USAGE, text, type Scenario } from './scenario';

const NO_CACHE = {
  cache_read_input_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
};

function iterated(inputTokens: number, outputTokens: number, iterations: JsonObject[]): JsonObject {
  return { ...DELTA_USAGE, input_tokens: inputTokens, output_tokens: outputTokens, iterations };
}

const SUMMARY = 'The user asked for a summary; here it is: ünïcode.';

export const betaScenarios: Scenario[] = [
  {
    name: 'compaction',
    frames: (context) =>
      conversation(context, {
        blocks: [
          {
            block: { type: 'compaction', content: null, encrypted_content: null },
            deltas: [{ type: 'compaction_delta', content: SUMMARY, encrypted_content: null }],
          },
          text('Going on.'),
        ],
        startUsage: { ...START_USAGE, input_tokens: 23_000 },
        deltaUsage: iterated(23_000, 1000, [
          { type: 'compaction', input_tokens: 180_000, output_tokens: 3500, ...NO_CACHE },
          { type: 'message', input_tokens: 23_000, output_tokens: 1000, ...NO_CACHE },
        ]),
        deltaMore: { context_management: { applied_edits: [] } },
      }),
  },
  {
    name: 'compaction_paused',
    frames: (context) =>
      conversation(context, {
        blocks: [
          {
            block: { type: 'compaction', content: null, encrypted_content: null, signature: seededBase64('c', 30) },
            deltas: [{ type: 'compaction_delta', content: null, encrypted_content: seededBase64('compaction', 200) }],
          },
        ],
        startUsage: { ...START_USAGE, input_tokens: 0 },
        delta: { stop_reason: 'compaction' },
        deltaUsage: iterated(0, 0, [{ type: 'compaction', input_tokens: 180_000, output_tokens: 3500, ...NO_CACHE }]),
      }),
  },
  {
    name: 'context_management',
    frames: (context) =>
      conversation(context, {
        blocks: [text('Cleared.')],
        deltaMore: {
          context_management: {
            applied_edits: [
              { type: 'clear_tool_uses_20250919', cleared_tool_uses: 8, cleared_input_tokens: 50_000 },
              { type: 'clear_thinking_20251015', cleared_thinking_turns: 3, cleared_input_tokens: 15_000 },
            ],
          },
          input_transformations: [{ type: 'thinking_dropped', message_index: 1, block_index: 0 }],
        },
      }),
  },
  {
    name: 'fallback',
    frames: (context) =>
      conversation(context, {
        blocks: [
          {
            block: {
              type: 'fallback',
              from: { model: 'claude-opus-4-8' },
              to: { model: 'claude-sonnet-4-6' },
              trigger: { type: 'refusal', category: 'cyber' },
            },
          },
          text('Answered by the other model.'),
        ],
        message: { model: 'claude-sonnet-4-6' },
        deltaUsage: {
          ...iterated(412, 89, [
            { type: 'message', model: 'claude-opus-4-8', input_tokens: 412, output_tokens: 17, ...NO_CACHE },
            { type: 'fallback_message', model: 'claude-sonnet-4-6', input_tokens: 412, output_tokens: 89, ...NO_CACHE },
          ]),
          fallback_credit: { status: { type: 'not_applied' } },
        },
      }),
  },
  {
    name: 'advisor',
    frames: (context) => {
      const id = context.ids('srvtoolu_');
      return conversation(context, {
        blocks: [
          json({ type: 'server_tool_use', id, name: 'advisor', caller: { type: 'direct' } }, '{}'),
          {
            block: {
              type: 'advisor_tool_result',
              tool_use_id: id,
              content: { type: 'advisor_result', text: 'Try the other way.', stop_reason: 'end_turn' },
            },
          },
          text('Good advice.'),
        ],
        deltaUsage: iterated(412, 89, [
          { type: 'message', model: null, input_tokens: 200, output_tokens: 30, ...NO_CACHE },
          { type: 'advisor_message', model: 'claude-opus-4-8', input_tokens: 900, output_tokens: 250, ...NO_CACHE },
          { type: 'message', model: null, input_tokens: 212, output_tokens: 59, ...NO_CACHE },
        ]),
      });
    },
  },
  {
    name: 'mcp',
    frames: (context) => {
      const id = context.ids('mcptoolu_');
      return conversation(context, {
        blocks: [
          { block: { type: 'mcp_tool_listing', mcp_server_name: 'srv', tools: [{ name: 'echo', description: 'é' }] } },
          json({ type: 'mcp_tool_use', id, name: 'echo', server_name: 'srv' }, '', '{"text":', '"hi"}'),
          {
            block: {
              type: 'mcp_tool_result',
              tool_use_id: id,
              is_error: false,
              content: [{ type: 'text', text: 'hi', citations: null }],
            },
          },
          text('It said hi.'),
        ],
      });
    },
  },
  {
    name: 'mcp_error',
    frames: (context) => {
      const id = context.ids('mcptoolu_');
      return conversation(context, {
        blocks: [
          json({ type: 'mcp_tool_use', id, name: 'echo', server_name: 'srv' }, '{}'),
          { block: { type: 'mcp_tool_result', tool_use_id: id, is_error: true, content: 'It broke.' } },
        ],
      });
    },
  },
];
