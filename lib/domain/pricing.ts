import { divideRoundingUp, type Nano } from './money';
import type { Price, PriceBook } from './price-book';
import type { Usage } from './usage';

export type PriceDimension = 'input' | 'output' | 'cacheWrite5m' | 'cacheWrite1h' | 'cacheRead' | 'webSearch';

/** One line of a receipt. Its share is quantity × nanoPerMillion × each of percents / 100, over a million. */
export type ReceiptLine = {
  model: string;
  priceId: string;
  dimension: PriceDimension;
  quantity: number;
  nanoPerMillion: string;
  percents: number[];
  /** Says where the quantity comes from when it is not the message's own counter: an iteration's type, or an unknown field. */
  source?: string;
};

export type Receipt = { lines: ReceiptLine[]; amountNano: Nano; flags: string[] };

/** The geographies that cost no more, and the one that costs `usPercent`; any other is charged as the nearest known, `us`. */
const STANDARD_GEOS = new Set([null, 'global', 'not_available']);
const STANDARD_TIERS = new Set([null, 'standard', 'priority']);
const STANDARD_SPEEDS = new Set([null, 'standard']);
/** Anthropic's documented factor for fast mode, for a model served fast whose price names none. */
const FAST_PERCENT_DEFAULT = 200;
/** Lines are summed over 1e6 units and up to three percentages, so that the whole receipt is rounded once. */
const PERCENTS_MAX = 3;
const DENOMINATOR = 1_000_000n * 100n ** BigInt(PERCENTS_MAX);

/**
 * Prices what was answered, by the rules of Anthropic's pricing page and the `usage` object's reference:
 * - the model that served decides, at the price in force at `at`; an unknown one is charged as the one that was asked for;
 * - thinking is output; cache writes and reads have prices of their own; `speed`, `inference_geo` and the batch tier
 *   multiply token prices and stack; web searches are priced each, without multipliers;
 * - `iterations` of type `compaction` and `advisor_message` are not in the top-level counters and are added, each at its
 *   own model; with a `fallback_message` the top level is that model's, and declined attempts that produced output are added;
 * - what no rule covers is charged by the nearest one and flagged, never free in silence.
 * The sum is exact and rounded up to a nano-dollar once.
 * @throws Error when the requested model has no price in force: it must not have been admitted.
 */
export function priceUsage(
  book: PriceBook,
  requestedModel: string,
  servedModel: string | null,
  usage: Usage,
  at: Date,
): Receipt {
  const flags: string[] = [];
  const priceOf = (name: string | null): Price => {
    const price = name === null ? undefined : book.findPrice(name, at);
    if (price) return price;
    if (name !== null) flags.push(`unknown_model:${name}`);
    const requested = book.findPrice(requestedModel, at);
    if (!requested) throw new Error(`no price in force for ${requestedModel}`);
    return requested;
  };

  const fallback = usage.iterations.findLast((iteration) => iteration.type === 'fallback_message');
  const main = priceOf(fallback?.model ?? servedModel);
  const lines = usageLines(main, usage, usage, undefined, flags);
  for (const iteration of usage.iterations) {
    const { type } = iteration;
    if (type === 'fallback_message') continue;
    if (type === 'message') {
      // Without a fallback the message iterations are what the top level sums; declined before output is not billed.
      if (!fallback || iteration.usage.outputTokens === 0) continue;
    } else if (type !== 'compaction' && type !== 'advisor_message') {
      flags.push(`unknown_iteration:${type}`);
    }
    const price = iteration.model === null ? priceOf(servedModel) : priceOf(iteration.model);
    lines.push(...usageLines(price, iteration.usage, usage, type, flags));
  }
  return { lines, amountNano: sumReceipt(lines), flags: [...new Set(flags)] };
}

/** The exact sum of a receipt's lines in nano-dollars, rounded up once: what anyone recomputes a charge with. */
export function sumReceipt(lines: readonly ReceiptLine[]): Nano {
  let numerator = 0n;
  for (const line of lines) {
    let share = BigInt(line.quantity) * BigInt(line.nanoPerMillion);
    for (const percent of line.percents) share *= BigInt(percent);
    numerator += share * 100n ** BigInt(PERCENTS_MAX - line.percents.length);
  }
  return divideRoundingUp(numerator, DENOMINATOR);
}

function usageLines(
  price: Price,
  usage: Usage,
  whole: Usage,
  source: string | undefined,
  flags: string[],
): ReceiptLine[] {
  const percents = tokenPercents(price, whole, flags);
  const lines: ReceiptLine[] = [];
  const add = (dimension: PriceDimension, quantity: number, nanoPerMillion: bigint, from = source): void => {
    if (quantity === 0) return;
    lines.push({
      model: price.modelId,
      priceId: price.id,
      dimension,
      quantity,
      nanoPerMillion: nanoPerMillion.toString(),
      percents: dimension === 'webSearch' ? [] : percents,
      ...(from === undefined ? {} : { source: from }),
    });
  };
  add('input', usage.inputTokens, price.inputNano);
  add('cacheWrite5m', usage.cacheWrite5mTokens, price.cacheWrite5mNano);
  add('cacheWrite1h', usage.cacheWrite1hTokens, price.cacheWrite1hNano);
  add('cacheRead', usage.cacheReadTokens, price.cacheReadNano);
  add('output', usage.outputTokens, price.outputNano);
  add('webSearch', usage.webSearchRequests, price.webSearchNano);
  for (const { name, quantity, nearest } of usage.unknown) {
    flags.push(`unknown_usage:${name}`);
    if (nearest === 'input') add('input', quantity, price.inputNano, name);
    if (nearest === 'output') add('output', quantity, price.outputNano, name);
    if (nearest === 'webSearch') add('webSearch', quantity, price.webSearchNano, name);
  }
  return lines;
}

function tokenPercents(price: Price, usage: Usage, flags: string[]): number[] {
  const percents: number[] = [];
  if (!STANDARD_SPEEDS.has(usage.speed)) {
    if (usage.speed !== 'fast') flags.push(`unknown_speed:${usage.speed}`);
    else if (price.fastPercent === null) flags.push(`fast_without_price:${price.modelId}`);
    percents.push(price.fastPercent ?? FAST_PERCENT_DEFAULT);
  }
  if (!STANDARD_GEOS.has(usage.inferenceGeo)) {
    if (usage.inferenceGeo !== 'us') flags.push(`unknown_geo:${usage.inferenceGeo}`);
    if (price.usPercent !== 100) percents.push(price.usPercent);
  }
  if (usage.serviceTier === 'batch') percents.push(price.batchPercent);
  else if (!STANDARD_TIERS.has(usage.serviceTier)) flags.push(`unknown_service_tier:${usage.serviceTier}`);
  return percents;
}
