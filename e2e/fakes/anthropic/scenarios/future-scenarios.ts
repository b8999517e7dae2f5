import {
  blockFrames,
  conversation,
  DELTA_USAGE,
  ending,
  opening,
  rawFrame,
  START_USAGE,
  stop,
  text,
  type Scenario,
} from './scenario';

/** What may come one day: a gateway has to hand it on as it is and must not stumble over it. */
export const futureScenarios: Scenario[] = [
  {
    name: 'future_event',
    frames: (context) => [
      opening(context),
      rawFrame(
        'content_block_hint',
        '{"type":"content_block_hint","hint":{"probability":0.25,"n":18446744073709551615}}',
      ),
      ...blockFrames(0, text('Hi')),
      rawFrame('message_metrics', '{"type":"message_metrics","usage":{"output_tokens":999999},"ttft_ms":12.50}'),
      ending(),
      stop(),
    ],
  },
  {
    name: 'future_delta',
    frames: (context) =>
      conversation(context, {
        blocks: [
          {
            block: { type: 'text', text: '' },
            deltas: [
              { type: 'text_delta', text: 'Hi', logprob: -0.125 },
              { type: 'audio_delta', audio: 'UklGRg==', usage: { output_tokens: 5 } },
            ],
          },
        ],
      }),
  },
  {
    name: 'future_block',
    frames: (context) =>
      conversation(context, {
        blocks: [
          { block: { type: 'hologram', id: context.ids('holo_'), frames: [1, 2, { z: null }] } },
          text('Look at it.'),
        ],
      }),
  },
  {
    name: 'future_fields',
    frames: (context) =>
      conversation(context, {
        blocks: [text('Hi')],
        message: { mood: 'cheerful', nested: { usage: { input_tokens: 1 }, type: 'message_stop' } },
        startUsage: { ...START_USAGE, carbon_grams: 0.125 },
        deltaUsage: {
          ...DELTA_USAGE,
          quantum_tokens: 5,
          output_tokens_details: { thinking_tokens: 0, dream_tokens: 3 },
        },
        deltaMore: { applause: true },
      }),
  },
  {
    name: 'future_iteration',
    frames: (context) =>
      conversation(context, {
        blocks: [text('Hi')],
        deltaUsage: {
          ...DELTA_USAGE,
          iterations: [
            { type: 'message', input_tokens: 412, output_tokens: 89 },
            { type: 'daydream', input_tokens: 1000, output_tokens: 50 },
          ],
        },
      }),
  },
  {
    name: 'odd_json_spacing',
    frames: (context) => [
      rawFrame(
        'message_start',
        `{ "type" : "message_start" , "message" : { "id" : "${context.messageId}" , "type":"message","role":"assistant", "model" : "${context.model}", "content":[ ], "stop_reason":null, "stop_sequence":null, "usage" : { "output_tokens" : 1 , "input_tokens" : 412 } } }`,
      ),
      rawFrame('ping', '{"type": "ping"}'),
      rawFrame(
        'content_block_start',
        '{"index":0,"content_block":{"text":"","type":"text"},"type":"content_block_start"}',
      ),
      rawFrame(
        'content_block_delta',
        '{"index":0, "delta":{"text":"Hi \\u263a","type":"text_delta"},"type":"content_block_delta"  }',
      ),
      rawFrame('content_block_stop', '{"index":0,"type":"content_block_stop"       }'),
      rawFrame(
        'message_delta',
        '{"usage":{"output_tokens":1.2e1},"delta":{"stop_sequence":null,"stop_reason":"end_turn"},"type":"message_delta"}',
      ),
      rawFrame('message_stop', '{"type":"message_stop"                          }'),
    ],
  },
];
