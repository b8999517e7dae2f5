import { frame, pingFrame, type Frame } from '../frame';
import type { IdSource } from '../ids';
import type { JsonObject } from '../json';
import { splitTokens } from '../tokens';

export interface ScenarioContext {
  messageId: string;
  model: string;
  ids: IdSource;
}

/** A canned answer. Its bytes are the same on every run for the same request. */
export interface Scenario {
  name: string;
  frames(context: ScenarioContext): Frame[];
  /** The JSON answer where it is not simply what the events add up to. */
  json?(context: ScenarioContext): string;
}

export interface BlockScript {
  block: JsonObject;
  deltas?: JsonObject[];
}

export const START_USAGE: JsonObject = {
  input_tokens: 412,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  output_tokens: 2,
  service_tier: 'standard',
  inference_geo: 'global',
};

export const DELTA_USAGE: JsonObject = {
  input_tokens: 412,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 89,
};

interface Script {
  blocks: BlockScript[];
  startUsage?: JsonObject;
  deltaUsage?: JsonObject;
  delta?: JsonObject;
  /** Fields of `message_delta` beside `delta` and `usage`. */
  deltaMore?: JsonObject;
  message?: JsonObject;
}

/** A whole answer in the ordinary order of events. */
export function conversation(context: ScenarioContext, script: Script): Frame[] {
  return [
    opening(context, script.startUsage, script.message),
    pingFrame(),
    ...script.blocks.flatMap((block, index) => blockFrames(index, block)),
    ending(script.delta, script.deltaUsage, script.deltaMore),
    stop(),
  ];
}

export function opening(context: ScenarioContext, usage: JsonObject = START_USAGE, more: JsonObject = {}): Frame {
  const { messageId, model } = context;
  const message = {
    model,
    id: messageId,
    type: 'message',
    role: 'assistant',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage,
    ...more,
  };
  return frame({ type: 'message_start', message });
}

export function blockFrames(index: number, { block, deltas = [] }: BlockScript): Frame[] {
  return [
    frame({ type: 'content_block_start', index, content_block: block }),
    ...deltas.map((delta) => frame({ type: 'content_block_delta', index, delta }, deltaTokens(delta))),
    frame({ type: 'content_block_stop', index }),
  ];
}

export function ending(delta: JsonObject = {}, usage: JsonObject = DELTA_USAGE, more: JsonObject = {}): Frame {
  return frame({
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null, ...delta },
    usage,
    ...more,
  });
}

export function stop(): Frame {
  return frame({ type: 'message_stop' });
}

/** An event with exactly these bytes as its data, canonical JSON or not. */
export function rawFrame(event: string, data: string): Frame {
  return { event, data, outputTokens: 0 };
}

export function text(...pieces: string[]): BlockScript {
  return { block: { type: 'text', text: '' }, deltas: pieces.map((piece) => ({ type: 'text_delta', text: piece })) };
}

export function json(block: JsonObject, ...pieces: string[]): BlockScript {
  const deltas = pieces.map((piece) => ({ type: 'input_json_delta', partial_json: piece }));
  return { block: { ...block, input: {} }, deltas };
}

function deltaTokens(delta: JsonObject): number {
  const said = delta['text'] ?? delta['thinking'] ?? delta['partial_json'];
  return typeof said === 'string' ? splitTokens(said).length : 0;
}
