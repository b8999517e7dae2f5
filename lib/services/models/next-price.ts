import type { SetPrice } from '@/lib/contracts/price';
import { AppError } from '@/lib/domain/app-error';
import type { Price } from '@/lib/domain/price-book';

type Figures = Omit<Price, 'id' | 'modelId' | 'effectiveFrom'>;

/** Anthropic's documented factors of the input price, in percent. */
const CACHE_WRITE_5M_PERCENT = 125n;
const CACHE_WRITE_1H_PERCENT = 200n;
const CACHE_READ_PERCENT = 10n;

/**
 * The figures of a model's next price version. What is named counts. Cache prices that are not named follow a named
 * input price by the documented factors; everything else is as in the version before.
 * @throws AppError invalid_request when a cache price would not be a whole number of nano-dollars, or when a model
 * without a price leaves a figure out.
 */
export function nextPrice(modelId: string, before: Figures | null, changes: SetPrice): Figures {
  const cachePrice = (
    named: bigint | undefined,
    previous: bigint | undefined,
    percent: bigint,
    option: string,
  ): bigint => {
    if (named !== undefined) return named;
    if (changes.inputNano !== undefined) return exactShare(changes.inputNano, percent, option);
    return known(previous, option);
  };
  const known = <T>(figure: T | undefined, option: string): T => {
    if (figure !== undefined) return figure;
    throw new AppError('invalid_request', `${modelId} has no price yet to take the rest from: give ${option} as well.`);
  };
  return {
    inputNano: known(changes.inputNano ?? before?.inputNano, 'the input price'),
    outputNano: known(changes.outputNano ?? before?.outputNano, 'the output price'),
    cacheWrite5mNano: cachePrice(
      changes.cacheWrite5mNano,
      before?.cacheWrite5mNano,
      CACHE_WRITE_5M_PERCENT,
      'the 5-minute cache write price',
    ),
    cacheWrite1hNano: cachePrice(
      changes.cacheWrite1hNano,
      before?.cacheWrite1hNano,
      CACHE_WRITE_1H_PERCENT,
      'the 1-hour cache write price',
    ),
    cacheReadNano: cachePrice(changes.cacheReadNano, before?.cacheReadNano, CACHE_READ_PERCENT, 'the cache read price'),
    webSearchNano: known(changes.webSearchNano ?? before?.webSearchNano, 'the web search price'),
    fastPercent: known(
      changes.fastPercent === undefined ? before?.fastPercent : changes.fastPercent,
      'the fast percentage',
    ),
    usPercent: known(changes.usPercent ?? before?.usPercent, 'the US percentage'),
    batchPercent: known(changes.batchPercent ?? before?.batchPercent, 'the batch percentage'),
  };
}

function exactShare(inputNano: bigint, percent: bigint, option: string): bigint {
  const share = inputNano * percent;
  if (share % 100n === 0n) return share / 100n;
  throw new AppError(
    'invalid_request',
    `${String(percent)} % of that input price is no whole number of nano-dollars. Name ${option}, or an input price with fewer decimal places.`,
  );
}
