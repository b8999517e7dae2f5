import { z } from 'zod';
import { NANO_PER_USD } from '@/lib/domain/money';

/** A billion dollars: nine such amounts still fit in the database's 64 bits. */
const AMOUNT_NANO_MAX = 1_000_000_000n * NANO_PER_USD;

/** An amount of nano-dollars that may be nothing. */
export const nonNegativeNano = z
  .bigint()
  .nonnegative('must not be negative')
  .max(AMOUNT_NANO_MAX, 'must not exceed a billion dollars');

/** An amount of nano-dollars that moves. */
export const positiveNano = nonNegativeNano.positive('must be more than zero');
