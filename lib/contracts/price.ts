import { z } from 'zod';
import { nonNegativeNano } from './money';

const PERCENT_MAX = 10_000;
const percent = z.int().positive().max(PERCENT_MAX);

/** A new price version. Prices are nano-USD per million units; what is left out follows from the version before. */
export const setPriceSchema = z
  .strictObject({
    inputNano: nonNegativeNano.optional(),
    outputNano: nonNegativeNano.optional(),
    cacheWrite5mNano: nonNegativeNano.optional(),
    cacheWrite1hNano: nonNegativeNano.optional(),
    cacheReadNano: nonNegativeNano.optional(),
    /** Per million searches. */
    webSearchNano: nonNegativeNano.optional(),
    /** Null: the model has no fast mode. */
    fastPercent: percent.nullable().optional(),
    usPercent: percent.optional(),
    batchPercent: percent.optional(),
    /** From when it counts; now, when left out. */
    effectiveFrom: z.date().optional(),
  })
  .refine(
    ({ effectiveFrom: _, ...prices }) => Object.values(prices).some((value) => value !== undefined),
    'nothing to change: name at least one price',
  );
export type SetPrice = z.output<typeof setPriceSchema>;
