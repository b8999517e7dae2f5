import { z } from 'zod';
import { nonNegativeNano } from './money';
import { rateLimitFields } from './rate-limits';

const KEY_NAME_MAX = 100;
const ALLOWED_MODELS_MAX = 100;

/** The windows of a spend limit, in UTC; weeks start on Monday and `total` never starts anew. */
export const LIMIT_PERIODS = ['total', 'day', 'week', 'month'] as const;
export type LimitPeriod = (typeof LIMIT_PERIODS)[number];

const fields = {
  name: z.string().trim().max(KEY_NAME_MAX).optional(),
  ...rateLimitFields,
  limitPeriod: z.enum(LIMIT_PERIODS).optional(),
  /** Ids or aliases of models; an empty list allows all. */
  allowedModels: z.array(z.string().min(1)).max(ALLOWED_MODELS_MAX).optional(),
};

export const createKeySchema = z
  .strictObject({
    ...fields,
    accountId: z.string().min(1),
    limitNano: nonNegativeNano.optional(),
    expiresAt: z.date().optional(),
  })
  .refine((key) => key.limitPeriod === undefined || key.limitNano !== undefined, 'a period needs a limit: give both');
export type CreateKey = z.output<typeof createKeySchema>;

/** What is left out stays as it is; null takes a limit or an expiry away. */
export const updateKeySchema = z
  .strictObject({
    ...fields,
    limitNano: nonNegativeNano.nullable().optional(),
    expiresAt: z.date().nullable().optional(),
  })
  .refine(
    (key) => Object.values(key).some((value) => value !== undefined),
    'nothing to change: name at least one field',
  )
  .refine((key) => key.limitPeriod === undefined || key.limitNano !== null, 'a period needs a limit: give both');
export type UpdateKey = z.output<typeof updateKeySchema>;
