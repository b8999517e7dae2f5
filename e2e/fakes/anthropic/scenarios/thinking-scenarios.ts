import { signThinking } from '../signature';
import { conversation, DELTA_USAGE, json, text, type BlockScript, type Scenario } from './scenario';

const REDACTED = 'EmwKAhgBEgy3va3pzix/LafPsn4aDFIT2Xlxh0L5L8rLVyIwxtE3rAFBa8cr3qpPkNRj2YfWXGmKDxH4mPnZ5sQ7vB9Upn9=';

function thought(...pieces: string[]): BlockScript {
  return {
    block: { type: 'thinking', thinking: '', signature: '' },
    deltas: [
      ...pieces.map((piece) => ({ type: 'thinking_delta', thinking: piece })),
      { type: 'signature_delta', signature: signThinking(pieces.join('')) },
    ],
  };
}

const THINKING_USAGE = { ...DELTA_USAGE, output_tokens_details: { thinking_tokens: 31 } };

export const thinkingScenarios: Scenario[] = [
  {
    name: 'thinking',
    frames: (context) =>
      conversation(context, {
        blocks: [thought('Let me think', ' about', ' it.'), text('Done.')],
        deltaUsage: THINKING_USAGE,
      }),
  },
  {
    name: 'thinking_omitted',
    frames: (context) => conversation(context, { blocks: [thought(), text('Done.')], deltaUsage: THINKING_USAGE }),
  },
  {
    name: 'thinking_estimated_tokens',
    frames: (context) =>
      conversation(context, {
        blocks: [
          {
            block: { type: 'thinking', thinking: '', signature: '' },
            deltas: [
              { type: 'thinking_delta', thinking: '', estimated_tokens: 50 },
              { type: 'thinking_delta', thinking: '', estimated_tokens: 31 },
              { type: 'signature_delta', signature: signThinking('') },
            ],
          },
          text('Done.'),
        ],
        deltaUsage: THINKING_USAGE,
      }),
  },
  {
    name: 'redacted_thinking',
    frames: (context) =>
      conversation(context, {
        blocks: [{ block: { type: 'redacted_thinking', data: REDACTED } }, thought('And then.'), text('Done.')],
        deltaUsage: THINKING_USAGE,
      }),
  },
  {
    name: 'thinking_tool_use',
    frames: (context) =>
      conversation(context, {
        blocks: [
          thought('I need to read the file first.'),
          text('Let me look.'),
          json(
            { type: 'tool_use', id: context.ids('toolu_'), name: 'read_file', caller: { type: 'direct' } },
            '',
            '{"path": ',
            '"src/a.ts"}',
          ),
        ],
        startUsage: {
          input_tokens: 412,
          cache_creation_input_tokens: 4096,
          cache_read_input_tokens: 18_000,
          cache_creation: { ephemeral_5m_input_tokens: 3000, ephemeral_1h_input_tokens: 1096 },
          output_tokens: 1,
          service_tier: 'standard',
          inference_geo: 'global',
        },
        delta: { stop_reason: 'tool_use' },
        deltaUsage: {
          input_tokens: 412,
          cache_creation_input_tokens: 4096,
          cache_read_input_tokens: 18_000,
          output_tokens: 89,
          output_tokens_details: { thinking_tokens: 31 },
        },
      }),
  },
];
