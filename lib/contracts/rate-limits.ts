import { z } from 'zod';

/** The database's INTEGER. */
const LIMIT_MAX = 2_147_483_647;

const limit = z.number().int().positive().max(LIMIT_MAX).nullable().optional();

/** What a key or an account may use in a minute, and how much at once. Null takes the deployment's default. */
export const rateLimitFields = {
  requestsPerMinute: limit,
  inputTokensPerMinute: limit,
  outputTokensPerMinute: limit,
  concurrentRequests: limit,
};

type Limit = number | null;
type RateLimitFields = { [Name in keyof typeof rateLimitFields]?: Limit | undefined };

/** Those of the limits that were given. */
export function givenRateLimits(fields: RateLimitFields): { [Name in keyof RateLimitFields]: Limit } {
  const { requestsPerMinute, inputTokensPerMinute, outputTokensPerMinute, concurrentRequests } = fields;
  return {
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(inputTokensPerMinute === undefined ? {} : { inputTokensPerMinute }),
    ...(outputTokensPerMinute === undefined ? {} : { outputTokensPerMinute }),
    ...(concurrentRequests === undefined ? {} : { concurrentRequests }),
  };
}
