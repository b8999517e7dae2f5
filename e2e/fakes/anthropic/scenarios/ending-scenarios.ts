import { errorBody } from '../api-error';
import { frame } from '../frame';
import {
  blockFrames,
  conversation,
  DELTA_USAGE,
  ending,
  opening,
  START_USAGE,
  stop,
  text,
  type Scenario,
} from './scenario';

function stops(name: string, delta: Parameters<typeof ending>[0]): Scenario {
  return { name, frames: (context) => conversation(context, { blocks: [text('So far.')], ...(delta && { delta }) }) };
}

export const endingScenarios: Scenario[] = [
  stops('stop_max_tokens', { stop_reason: 'max_tokens' }),
  stops('stop_sequence', { stop_reason: 'stop_sequence', stop_sequence: '\n\nHuman:' }),
  stops('stop_context_window', { stop_reason: 'model_context_window_exceeded' }),
  stops('stop_future_reason', { stop_reason: 'quantum_decoherence', stop_details: { type: 'quantum', qubits: 3 } }),
  stops('refusal_midstream', {
    stop_reason: 'refusal',
    stop_details: { type: 'refusal', category: 'cyber', explanation: 'No.' },
  }),
  {
    name: 'refusal_before_output',
    frames: (context) =>
      conversation(context, {
        blocks: [],
        delta: { stop_reason: 'refusal', stop_details: { type: 'refusal', category: null, explanation: null } },
        deltaUsage: { ...DELTA_USAGE, output_tokens: 0 },
      }),
  },
  { name: 'no_blocks', frames: (context) => conversation(context, { blocks: [] }) },
  {
    name: 'several_message_deltas',
    frames: (context) => [
      opening(context),
      ...blockFrames(0, text('Counting', ' up.')),
      frame({ type: 'message_delta', delta: {}, usage: { output_tokens: 11 } }),
      frame({ type: 'message_delta', delta: { stop_reason: null }, usage: { input_tokens: 500, output_tokens: 40 } }),
      ending({}, { output_tokens: 89 }),
      stop(),
    ],
  },
  {
    name: 'usage_in_start_only',
    frames: (context) => [
      opening(context, { ...START_USAGE, output_tokens: 7 }),
      ...blockFrames(0, text('Hi')),
      frame({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null } }),
      stop(),
    ],
  },
  {
    name: 'usage_in_delta_only',
    frames: (context) =>
      conversation(context, {
        blocks: [text('Hi')],
        startUsage: { input_tokens: 0, output_tokens: 0 },
        deltaUsage: { input_tokens: 700, cache_read_input_tokens: 300, output_tokens: 12 },
      }),
  },
  {
    name: 'usage_nulls',
    frames: (context) =>
      conversation(context, {
        blocks: [text('Hi')],
        startUsage: {
          ...START_USAGE,
          cache_creation: null,
          cache_creation_input_tokens: null,
          cache_read_input_tokens: null,
          server_tool_use: null,
          service_tier: null,
          inference_geo: null,
          speed: null,
        },
        deltaUsage: {
          input_tokens: null,
          cache_creation_input_tokens: null,
          cache_read_input_tokens: null,
          output_tokens: 20,
          output_tokens_details: null,
          server_tool_use: null,
          iterations: null,
        },
      }),
  },
  {
    name: 'usage_cache_split',
    frames: (context) =>
      conversation(context, {
        blocks: [text('Hi')],
        startUsage: {
          ...START_USAGE,
          cache_creation_input_tokens: 4096,
          cache_read_input_tokens: 18_000,
          cache_creation: { ephemeral_5m_input_tokens: 3000, ephemeral_1h_input_tokens: 1096 },
        },
        deltaUsage: {
          input_tokens: 412,
          cache_creation_input_tokens: 5000,
          cache_read_input_tokens: 18_000,
          output_tokens: 503,
        },
      }),
  },
  {
    name: 'usage_modifiers',
    frames: (context) =>
      conversation(context, {
        blocks: [text('Hi')],
        startUsage: { ...START_USAGE, inference_geo: 'us', service_tier: 'priority', speed: 'fast' },
      }),
  },
  {
    name: 'error_event',
    frames: (context) => [
      opening(context),
      ...blockFrames(0, text('Partial')).slice(0, 2),
      frame({
        ...errorBody('overloaded_error', 'Overloaded', `req_${context.messageId.slice(4)}`),
        type: 'error',
      }),
    ],
  },
  {
    name: 'error_event_details',
    frames: (context) => [
      opening(context),
      frame({
        ...errorBody('api_error', 'Internal server error', `req_${context.messageId.slice(4)}`, {
          error_code: 'something_new',
        }),
        type: 'error',
      }),
    ],
  },
];
