import { log as processLog } from '@/lib/platform/log';
import type { AttemptLimit, AttemptLimiter } from './attempt-limiter';
import { RedisAttemptLimiter } from './attempts';
import { IoredisStore } from './ioredis-store';
import type { RateLimiter } from './limiter';
import { MemoryAttemptLimiter } from './memory-attempts';
import { MemoryRateLimiter } from './memory-limiter';
import { RedisRateLimiter } from './redis-limiter';
import type { OutageLog, RedisConfig, RedisStore } from './redis-store';
import { UpstashStore } from './upstash-store';

/** The rate limiter that the configuration asks for: over Upstash, over plain Redis, or in this process alone. */
export function createRateLimiter(config: RedisConfig, log: OutageLog = processLog): RateLimiter {
  const store = openStore(config);
  log.info({ store: store?.kind ?? 'process' }, 'rate limits are counted');
  return store === null ? new MemoryRateLimiter() : new RedisRateLimiter(store, { log });
}

/** A counter of attempts, kept where the rate limits are. */
export function createAttemptLimiter(
  config: RedisConfig,
  limit: AttemptLimit,
  log: OutageLog = processLog,
): AttemptLimiter {
  const store = openStore(config);
  return store === null ? new MemoryAttemptLimiter(limit) : new RedisAttemptLimiter(store, limit, { log });
}

function openStore({ upstash, redisUrl }: RedisConfig): RedisStore | null {
  if (upstash !== undefined) return new UpstashStore(upstash);
  return redisUrl === undefined ? null : new IoredisStore(redisUrl);
}
