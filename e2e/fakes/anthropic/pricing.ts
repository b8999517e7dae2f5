import { isObject, objectsOf, type Json, type JsonObject } from './json';

/** Nano-USD per token: a price of 1 USD per million tokens is 1,000 nano-USD per token. */
interface TokenPrices {
  input: bigint;
  output: bigint;
  write5m: bigint;
  write1h: bigint;
  read: bigint;
}

const OPUS: TokenPrices = { input: 5000n, output: 25_000n, write5m: 6250n, write1h: 10_000n, read: 500n };
const SONNET: TokenPrices = { input: 3000n, output: 15_000n, write5m: 3750n, write1h: 6000n, read: 300n };
const HAIKU: TokenPrices = { input: 1000n, output: 5000n, write5m: 1250n, write1h: 2000n, read: 100n };

const PRICES: Record<string, TokenPrices> = {
  'claude-opus-4-8': OPUS,
  'claude-sonnet-4-6': SONNET,
  'claude-haiku-4-5': HAIKU,
};

/** 10 USD per thousand searches. */
const WEB_SEARCH_NANO = 10_000_000n;
/** Multipliers are kept as whole numbers over this, so that the only rounding is the last one. */
const SCALE = 20n;

/** Counters that cost nothing, or whose tokens are inside others. */
const FREE_COUNTERS = new Set(['web_fetch_requests', 'code_execution_requests', 'tool_search_requests']);
const KNOWN_TOKENS = new Set([
  ...['input_tokens', 'output_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens', 'total_tokens'],
]);

interface Billable {
  usage: JsonObject;
  model: string;
  /** The model that was asked for: what a served one without a price is billed as. */
  requestedModel: string;
  stopReason: string | null;
}

/** What the API bills for one answer, in nano-USD, rounded up once. A refusal before any output is free. */
export function billedNano({ usage, model, requestedModel, stopReason }: Billable): bigint {
  if (stopReason === 'refusal' && count(usage['output_tokens']) === 0n) return 0n;
  const iterations = objectsOf(usage['iterations']);
  const fallback = iterations.findLast((iteration) => iteration['type'] === 'fallback_message');
  let scaled = tokensScaled(usage, usage, pricesOf(modelOf(fallback ?? {}, model), requestedModel));
  for (const iteration of iterations) {
    if (isBilledApart(iteration, fallback !== undefined)) {
      scaled += tokensScaled(iteration, usage, pricesOf(modelOf(iteration, model), requestedModel));
    }
  }
  scaled += paidRequests(usage['server_tool_use']) * WEB_SEARCH_NANO * SCALE;
  return (scaled + SCALE - 1n) / SCALE;
}

/**
 * The top level already holds the `message` iterations and the fallback's; compaction, the advisor and kinds not known
 * yet come on top, and so does an answer that was begun and declined before a fallback took over.
 */
function isBilledApart(iteration: JsonObject, hasFallback: boolean): boolean {
  if (iteration['type'] === 'fallback_message') return false;
  if (iteration['type'] !== 'message') return true;
  return hasFallback && count(iteration['output_tokens']) > 0n;
}

function tokensScaled(counts: JsonObject, context: JsonObject, prices: TokenPrices): bigint {
  const creation = isObject(counts['cache_creation']) ? counts['cache_creation'] : {};
  const write1h = count(creation['ephemeral_1h_input_tokens']);
  const split = write1h + count(creation['ephemeral_5m_input_tokens']);
  const written = max(count(counts['cache_creation_input_tokens']), split);
  const nano =
    count(counts['input_tokens']) * prices.input +
    count(counts['output_tokens']) * prices.output +
    (written - write1h) * prices.write5m +
    write1h * prices.write1h +
    count(counts['cache_read_input_tokens']) * prices.read +
    unknownTokensNano(counts, prices);
  return nano * factorScaled(context, prices);
}

/** Token counters that do not exist yet are taken for input when their name says so, and else for output. */
function unknownTokensNano(counts: JsonObject, prices: TokenPrices): bigint {
  return Object.entries(counts)
    .filter(([name, value]) => name.endsWith('_tokens') && !KNOWN_TOKENS.has(name) && typeof value === 'number')
    .reduce((sum, [name, value]) => sum + count(value) * (name.includes('input') ? prices.input : prices.output), 0n);
}

/** Searches, and requests to server tools that do not exist yet, at the price of a search. */
function paidRequests(counters: Json | undefined): bigint {
  if (!isObject(counters)) return 0n;
  return Object.entries(counters)
    .filter(
      ([name, value]) => !FREE_COUNTERS.has(name) && (name === 'web_search_requests' || typeof value === 'number'),
    )
    .reduce((sum, [, value]) => sum + count(value), 0n);
}

/** A speed or a place that is not known yet is billed as the known one that is not standard. */
function factorScaled(context: JsonObject, prices: TokenPrices): bigint {
  let factor = SCALE;
  if (isUnusual(context['speed'], ['standard'])) factor *= 2n;
  if (isUnusual(context['inference_geo'], ['global', 'not_available']) && prices !== HAIKU)
    factor = (factor * 11n) / 10n;
  if (context['service_tier'] === 'batch') factor /= 2n;
  return factor;
}

function isUnusual(value: Json | undefined, usual: string[]): boolean {
  return typeof value === 'string' && !usual.includes(value);
}

/** Dated names are billed as their model. */
function pricesOf(model: string, requestedModel: string): TokenPrices {
  return priceOf(model) ?? priceOf(requestedModel) ?? OPUS;
}

function priceOf(model: string): TokenPrices | undefined {
  return PRICES[model.replace(/-\d{8}$/, '')];
}

function modelOf(iteration: JsonObject, otherwise: string): string {
  return typeof iteration['model'] === 'string' ? iteration['model'] : otherwise;
}

/** A token count from whatever stands in the field: whole numbers as they are, fractions up, nonsense as nothing. */
function count(value: Json | undefined): bigint {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !(number > 0) || number > Number.MAX_SAFE_INTEGER) return 0n;
  return BigInt(Math.ceil(number));
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
