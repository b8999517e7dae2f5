import { objectsOf, isObject, type JsonObject } from './json';
import type { ContentPart } from './content-part';

const DEFAULT_TRIGGER_TOKENS = 150_000;
const SUMMARY = 'Summary of the conversation so far, written by the stand-in upstream.';
const SUMMARY_TOKENS = 180;
const COMPACTED_INPUT_TOKENS = 120;

interface Compaction {
  part: ContentPart;
  /** The turn ends after the summary, to be continued by the client. */
  pauses: boolean;
  iteration: JsonObject;
  /** Input of the answer itself, which now reads the summary alone. */
  inputTokens: number;
}

/** The compaction that a request asks for, when its prompt is long enough to set it off. */
export function compactionOf(body: JsonObject, promptTokens: number): Compaction | undefined {
  const management = isObject(body['context_management']) ? body['context_management'] : {};
  const edit = objectsOf(management['edits']).find((entry) => entry['type'] === 'compact_20260112');
  const summarize = isObject(body['compaction']);
  if (edit === undefined && !summarize) return undefined;
  const trigger = isObject(edit?.['trigger']) ? edit['trigger']['value'] : undefined;
  const threshold = typeof trigger === 'number' ? trigger : DEFAULT_TRIGGER_TOKENS;
  if (!summarize && promptTokens < threshold) return undefined;
  const delta = { type: 'compaction_delta', content: SUMMARY, encrypted_content: null };
  return {
    part: { start: { type: 'compaction', content: null, encrypted_content: null }, closing: [delta] },
    pauses: summarize || edit?.['pause_after_compaction'] === true,
    iteration: iteration('compaction', promptTokens, SUMMARY_TOKENS),
    inputTokens: COMPACTED_INPUT_TOKENS,
  };
}

export function iteration(type: string, inputTokens: number, outputTokens: number): JsonObject {
  return {
    type,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  };
}
