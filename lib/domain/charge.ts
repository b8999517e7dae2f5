import { SETTLED_FROM, type Ending, type SettledFrom } from './ending';
import type { Nano } from './money';
import { countOutputTokens } from './output-count';
import type { PriceBook } from './price-book';
import { priceUsage, type ReceiptLine } from './pricing';
import type { DeliveredBytes } from './stream-meter';
import { parseUsage, type Usage, type UsageJson } from './usage';

/** What is known of an answer when its request ends. */
export type Answered = {
  ending: Ending;
  usage: UsageJson | undefined;
  servedModel: string | null;
  /** Whether the usage's output is the upstream's last word, rather than the placeholder of `message_start`. */
  outputIsExact: boolean;
  delivered: DeliveredBytes;
  /** What was asked for at the most: no count goes above it. */
  outputTokensMax: number;
  stopReason: string | null;
};

export type Charge = {
  settledFrom: SettledFrom;
  usage: Usage;
  lines: ReceiptLine[];
  amountNano: Nano;
  /** What the upstream bills for an answer that is forgiven: the operator's loss, as far as it is known. */
  forgivenNano: Nano;
  flags: string[];
};

const NOTHING_USED = parseUsage({});

/**
 * Decides what a request is charged, by the table of endings: a finished answer by the upstream's usage, one that its
 * client left by its exact input and the output counted as delivered, one that broke not at all.
 */
export function chargeFor(
  book: PriceBook,
  requestedModel: string,
  answered: Answered,
  bytesPerToken: number,
  at: Date,
): Charge {
  const rule = SETTLED_FROM[answered.ending];
  if (!answered.usage) {
    const flags = rule === 'usage' ? ['usage_missing'] : [];
    return { settledFrom: 'none', usage: NOTHING_USED, lines: [], amountNano: 0n, forgivenNano: 0n, flags };
  }
  const usage = parseUsage(answered.usage);
  const counted = !answered.outputIsExact;
  if (counted) {
    const delivered = countOutputTokens(answered.delivered, bytesPerToken);
    usage.outputTokens = Math.min(delivered, answered.outputTokensMax);
  }
  // Anthropic does not bill a request that is refused before any output.
  if (answered.stopReason === 'refusal' && usage.outputTokens === 0 && !counted) {
    const settledFrom = rule === 'none' ? 'none' : 'usage';
    return { settledFrom, usage, lines: [], amountNano: 0n, forgivenNano: 0n, flags: [] };
  }
  const { lines, amountNano, flags } = priceUsage(book, requestedModel, answered.servedModel, usage, at);
  if (counted && rule === 'usage') flags.push('output_counted');
  if (rule === 'none')
    return { settledFrom: 'none', usage, lines: [], amountNano: 0n, forgivenNano: amountNano, flags };
  return { settledFrom: counted ? 'counted' : 'usage', usage, lines, amountNano, forgivenNano: 0n, flags };
}
