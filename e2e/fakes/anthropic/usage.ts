import type { Fault } from './fault';
import { isObject, type JsonObject } from './json';
import type { Model } from './models';
import type { CacheUse } from './prompt-cache';

/** What one answer took, counted by the stand-in itself. */
export interface Consumption {
  inputTokens: number;
  cache: CacheUse;
  outputTokens: number;
  thinkingTokens: number | undefined;
  webSearches: number;
  /** Input that server tools added after the answer had begun. */
  addedInputTokens: number;
  iterations: JsonObject[] | undefined;
}

/** The usage of `message_start`: exact input, a placeholder for output, and how the request is served. */
export function startUsage(
  consumption: Consumption,
  model: Model,
  body: JsonObject,
  placeholder: number,
  fault: Fault,
): JsonObject {
  const { inputTokens, cache } = consumption;
  const usage: JsonObject = {
    input_tokens: inputTokens,
    cache_creation_input_tokens: cache.write5mTokens + cache.write1hTokens,
    cache_read_input_tokens: cache.readTokens,
    cache_creation: {
      ephemeral_5m_input_tokens: cache.write5mTokens,
      ephemeral_1h_input_tokens: cache.write1hTokens,
    },
    output_tokens: placeholder,
    service_tier: 'standard',
    inference_geo: model.geo ? (body['inference_geo'] ?? 'global') : 'not_available',
  };
  if (model.fast) usage['speed'] = body['speed'] ?? 'standard';
  const { output_tokens: _placeholderStays, ...overrides } = fault.usage ?? {};
  return { ...usage, ...overrides, ...fault.startUsage };
}

/** The usage of `message_delta`: totals of the whole message so far, not increments. */
export function deltaUsage(consumption: Consumption, fault: Fault): JsonObject {
  const { inputTokens, cache, outputTokens, thinkingTokens, webSearches, iterations } = consumption;
  const usage: JsonObject = {
    input_tokens: inputTokens + consumption.addedInputTokens,
    cache_creation_input_tokens: cache.write5mTokens + cache.write1hTokens,
    cache_read_input_tokens: cache.readTokens,
    output_tokens: outputTokens,
  };
  if (thinkingTokens !== undefined) usage['output_tokens_details'] = { thinking_tokens: thinkingTokens };
  if (webSearches > 0) usage['server_tool_use'] = { web_search_requests: webSearches, web_fetch_requests: 0 };
  if (iterations !== undefined) usage['iterations'] = iterations;
  const merged = { ...usage, ...fault.usage, ...fault.deltaUsage };
  return Object.fromEntries(Object.entries(merged).filter(([field]) => !fault.omitDeltaUsage?.includes(field)));
}

/**
 * Later totals over earlier ones. Null and missing fields leave what was there, and so does a zero: totals only grow,
 * but for `output_tokens`, which begins as a placeholder.
 */
export function mergeUsage(earlier: JsonObject, later: JsonObject): JsonObject {
  const merged = { ...earlier };
  for (const [field, value] of Object.entries(later)) {
    const before = merged[field];
    if (value === null || value === undefined) continue;
    if (value === 0 && field !== 'output_tokens' && typeof before === 'number' && before > 0) continue;
    merged[field] = isObject(before) && isObject(value) ? mergeUsage(before, value) : value;
  }
  return merged;
}
