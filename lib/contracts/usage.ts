import { z } from 'zod';

const USAGE_PAGE_MAX = 1000;

export const listUsageSchema = z.strictObject({
  limit: z.int().min(1).max(USAGE_PAGE_MAX),
  /** The request that the page before ended with; the page starts at the newest without it. */
  after: z.string().min(1).optional(),
  /** Whether each row carries its receipt, with which anyone recomputes its charge. */
  receipt: z.boolean(),
});
export type ListUsage = z.output<typeof listUsageSchema>;
