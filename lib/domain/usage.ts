/**
 * What the upstream says a message used. Normalised from the Messages API's `usage` object, in which any field may be
 * null, absent, or (from lesser upstreams) a float or a string.
 */
export type Usage = {
  inputTokens: number;
  outputTokens: number;
  cacheWrite5mTokens: number;
  cacheWrite1hTokens: number;
  cacheReadTokens: number;
  webSearchRequests: number;
  speed: string | null;
  serviceTier: string | null;
  inferenceGeo: string | null;
  iterations: UsageIteration[];
  /** What was seen that no rule covers, as `kind:name`; each is charged by its nearest rule and reported to the operator. */
  unknown: UnknownUsage[];
};

export type UsageIteration = { type: string; model: string | null; usage: Usage };

export type UnknownUsage = { name: string; quantity: number; nearest: 'input' | 'output' | 'webSearch' | 'none' };

export type UsageJson = Readonly<Record<string, unknown>>;

const KNOWN_FIELDS = new Set([
  'input_tokens', 'output_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens', 'cache_creation',
  'output_tokens_details', 'server_tool_use', 'service_tier', 'inference_geo', 'speed', 'iterations', 'fallback_credit',
  'type', 'model', 'total_tokens',
]); // prettier-ignore
const KNOWN_SERVER_TOOLS = new Set([
  'web_search_requests',
  'web_fetch_requests',
  'code_execution_requests',
  'tool_search_requests',
]);
const ITERATIONS_MAX = 1_000;
const TEXT_MAX = 200;
const NOT_STORABLE = /[\0\p{Surrogate}]/gu;

/**
 * Merges a later `usage` over an earlier one. Counters of the Messages API are totals for the whole message, so a field
 * overwrites; one that is null or absent never erases what is known, nor does a zero erase what `message_start` counted.
 * Only `output_tokens` may fall to zero: in `message_start` it is a placeholder, and a refusal before any output has none.
 */
export function mergeUsage(earlier: UsageJson, later: UsageJson): UsageJson {
  const merged: Record<string, unknown> = { ...earlier };
  for (const [name, value] of Object.entries(later)) {
    const known = earlier[name];
    if (value === null || value === undefined) continue;
    if (value === 0 && name !== 'output_tokens' && typeof known === 'number' && known > 0) continue;
    merged[name] = isObject(known) && isObject(value) ? mergeUsage(known, value) : value;
  }
  return merged;
}

/** Normalises a `usage` object. Never throws: what can't be read counts as 0 and is listed in `unknown`. */
export function parseUsage(json: UsageJson): Usage {
  return readUsage(json, 0);
}

/** The tokens that Anthropic's input limits count: everything that was not read from the cache. */
export function uncachedInputTokens(usage: Usage): number {
  return usage.inputTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
}

function readUsage(json: UsageJson, depth: number): Usage {
  const unknown: UnknownUsage[] = [];
  const count = (value: unknown, name: string): number => readCount(value, name, unknown);
  const split = asObject(json['cache_creation']);
  const write1h = count(split['ephemeral_1h_input_tokens'], 'cache_creation.ephemeral_1h_input_tokens');
  const write5m = count(split['ephemeral_5m_input_tokens'], 'cache_creation.ephemeral_5m_input_tokens');
  const written = Math.max(
    count(json['cache_creation_input_tokens'], 'cache_creation_input_tokens'),
    write1h + write5m,
  );
  const usage: Usage = {
    inputTokens: count(json['input_tokens'], 'input_tokens'),
    outputTokens: count(json['output_tokens'], 'output_tokens'),
    // Server tools write 5-minute entries that the split of message_start does not know yet: the excess is 5-minute.
    cacheWrite5mTokens: written - write1h,
    cacheWrite1hTokens: write1h,
    cacheReadTokens: count(json['cache_read_input_tokens'], 'cache_read_input_tokens'),
    webSearchRequests: count(asObject(json['server_tool_use'])['web_search_requests'], 'web_search_requests'),
    speed: asText(json['speed']),
    serviceTier: asText(json['service_tier']),
    inferenceGeo: asText(json['inference_geo']),
    iterations: [],
    unknown,
  };
  listUnknown(json, split, unknown);
  if (depth === 0 && Array.isArray(json['iterations'])) {
    const entries: unknown[] = json['iterations'];
    if (entries.length > ITERATIONS_MAX)
      unknown.push({ name: 'iterations.length', quantity: entries.length, nearest: 'none' });
    usage.iterations = entries.slice(0, ITERATIONS_MAX).map((entry) => {
      const fields = asObject(entry);
      return {
        type: asText(fields['type']) ?? '',
        model: asText(fields['model']),
        usage: readUsage(fields, depth + 1),
      };
    });
  }
  return usage;
}

function listUnknown(json: UsageJson, cacheCreation: UsageJson, unknown: UnknownUsage[]): void {
  for (const [name, value] of Object.entries(json)) {
    if (KNOWN_FIELDS.has(name) || typeof value !== 'number' || !(value > 0)) continue;
    unknown.push({ name, quantity: readCount(value, name, unknown), nearest: nearestOf(name) });
  }
  for (const [name, value] of Object.entries(cacheCreation)) {
    if (/^ephemeral_(1h|5m)_input_tokens$/.test(name) || typeof value !== 'number' || !(value > 0)) continue;
    // An unknown lifetime is inside the total already, which is charged as a 5-minute write.
    unknown.push({ name: `cache_creation.${name}`, quantity: readCount(value, name, unknown), nearest: 'none' });
  }
  for (const [name, value] of Object.entries(asObject(json['server_tool_use']))) {
    if (KNOWN_SERVER_TOOLS.has(name) || typeof value !== 'number' || !(value > 0)) continue;
    unknown.push({ name: `server_tool_use.${name}`, quantity: readCount(value, name, unknown), nearest: 'webSearch' });
  }
}

function nearestOf(name: string): UnknownUsage['nearest'] {
  if (!name.endsWith('_tokens')) return 'none';
  return name.includes('input') ? 'input' : 'output';
}

/** A count is a non-negative integer; a float rounds up, a numeric text is read, anything else is 0. All but the first are reported. */
function readCount(value: unknown, name: string, unknown: UnknownUsage[]): number {
  if (value === null || value === undefined) return 0;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  const readable =
    typeof number === 'number' && Number.isFinite(number) && number >= 0 && number <= Number.MAX_SAFE_INTEGER;
  const count = readable ? Math.ceil(number) : 0;
  if (count !== value) unknown.push({ name: `unreadable:${name}`, quantity: count, nearest: 'none' });
  return count;
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is UsageJson {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value when it is a JSON object, else an empty one. */
export function asObject(value: unknown): UsageJson {
  return isObject(value) ? value : {};
}

/** The value when it is text, cut to what a row may hold and without what PostgreSQL refuses in text; else null. */
export function asText(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, TEXT_MAX).replace(NOT_STORABLE, '') : null;
}
