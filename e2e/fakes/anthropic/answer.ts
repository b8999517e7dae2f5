import { compactionOf, iteration } from './compaction';
import { compose, type Composition } from './compose';
import { cutParts, partTokens, type ContentPart } from './content-part';
import type { Fault } from './fault';
import { seededIds, seededNumber } from './ids';
import type { JsonObject } from './json';
import type { Model } from './models';
import type { CacheUse } from './prompt-cache';
import { deltaUsage, mergeUsage, startUsage, type Consumption } from './usage';

/** Everything that is decided about an answer before its first byte. */
export interface Answer {
  messageId: string;
  servedModel: string;
  parts: ContentPart[];
  stopReason: string;
  stopSequence: string | null;
  stopDetails: JsonObject | null;
  contextManagement: JsonObject | undefined;
  startUsage: JsonObject;
  deltaUsage: JsonObject;
  /** What is billed when the answer is delivered to its end. */
  finalUsage: JsonObject;
}

interface Question {
  body: JsonObject;
  model: Model;
  fault: Fault;
  seed: string;
  inputTokens: number;
  cache: CacheUse;
}

const FILLER_BYTES_PER_TOKEN = 4;
const SEARCH_RESULT_TOKENS = 1900;
const PLACEHOLDER_VALUES = 8;

export function decideAnswer(question: Question): Answer {
  const { body, model, fault, seed } = question;
  const ids = seededIds(seed);
  const messageId = ids('msg_');
  const compaction = compactionOf(body, question.inputTokens);
  const composed = compose(body, fault, ids);
  const said = compaction?.pauses === true ? { ...composed, parts: [], stopReason: 'compaction' } : composed;
  const maxTokens = Number(body['max_tokens']);
  const { parts, cut } = cutParts(said.parts, maxTokens);
  const ending = cut || maxTokens === 0 ? { stopReason: 'max_tokens', stopSequence: null, stopDetails: null } : said;
  const outputTokens = Math.min(
    maxTokens,
    parts.reduce((sum, part) => sum + partTokens(part) + fillerTokens(part), 0),
  );
  const inputTokens = compaction?.inputTokens ?? uncached(question);
  const consumption: Consumption = {
    inputTokens,
    cache: compaction === undefined ? question.cache : { readTokens: 0, write5mTokens: 0, write1hTokens: 0 },
    outputTokens,
    thinkingTokens: thinkingTokens(said, outputTokens),
    webSearches: said.webSearches,
    addedInputTokens: said.webSearches * SEARCH_RESULT_TOKENS,
    iterations: compaction && [compaction.iteration, iteration('message', inputTokens, outputTokens)],
  };
  const start = startUsage(consumption, model, body, 1 + seededNumber(seed, PLACEHOLDER_VALUES), fault);
  const delta = deltaUsage(consumption, fault);
  return {
    messageId,
    servedModel: fault.servedModel ?? model.id,
    parts: compaction === undefined ? parts : [compaction.part, ...parts],
    stopReason: ending.stopReason,
    stopSequence: ending.stopSequence,
    stopDetails: ending.stopDetails,
    contextManagement: body['context_management'] === undefined ? undefined : { applied_edits: [] },
    startUsage: start,
    deltaUsage: delta,
    finalUsage: mergeUsage(start, delta),
  };
}

function uncached({ inputTokens, cache }: Question): number {
  return inputTokens - cache.readTokens - cache.write5mTokens - cache.write1hTokens;
}

function thinkingTokens(said: Composition, outputTokens: number): number | undefined {
  return said.thinkingTokens > 0 ? Math.min(said.thinkingTokens, outputTokens) : undefined;
}

function fillerTokens(part: ContentPart): number {
  return Math.ceil((part.fillerBytes ?? 0) / FILLER_BYTES_PER_TOKEN);
}
