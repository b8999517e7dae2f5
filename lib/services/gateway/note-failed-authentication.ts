import { AppError } from '@/lib/domain/app-error';
import { env } from '@/lib/platform/env';
import { once } from '@/lib/platform/once';
import type { AttemptLimiter } from '@/lib/platform/rate-limit/attempt-limiter';
import { createAttemptLimiter } from '@/lib/platform/rate-limit/create';
import { redisConfig } from '@/lib/platform/rate-limit/redis-config';

const MINUTE_MS = 60_000;

/**
 * Counts a failed authentication against the address it came from, so that guessing keys is slow. A good key is never
 * counted and never refused for the sake of its neighbours.
 * @throws AppError rate_limited once an address has failed too often within a minute.
 */
export async function noteFailedAuthentication(address: string): Promise<void> {
  const { allowed, retryAfterMs } = await limiter().attempt(address);
  if (allowed) return;
  const seconds = Math.min(60, Math.max(1, Math.ceil(retryAfterMs / 1_000)));
  throw new AppError(
    'rate_limited',
    `Too many requests with a bad key from this address. Check the key, and retry in ${seconds} s.`,
    {
      headers: { 'retry-after': String(seconds) },
    },
  );
}

function limiter(): AttemptLimiter {
  return once('failed-authentications', () =>
    createAttemptLimiter(redisConfig(), {
      name: 'failed-authentications',
      attempts: env().FAILED_AUTHENTICATIONS_PER_MINUTE,
      windowMs: MINUTE_MS,
    }),
  );
}
