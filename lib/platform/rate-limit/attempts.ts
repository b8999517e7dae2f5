import { Ratelimit } from '@upstash/ratelimit';
import type { AttemptLimit, AttemptLimiter, AttemptResult } from './attempt-limiter';
import { MemoryAttemptLimiter } from './memory-attempts';
import { OutageGuard } from './outage-guard';
import type { OutageLog, RedisStore } from './redis-store';

/**
 * Attempts counted by @upstash/ratelimit in a Redis that processes share; in this process while Redis is away. Its own
 * time-out lets everything pass and is off (the guard's decides), and so is its cache, which is never swept.
 */
export class RedisAttemptLimiter implements AttemptLimiter {
  private readonly store: RedisStore;
  private readonly guard: OutageGuard;
  private readonly local: MemoryAttemptLimiter;
  private readonly ratelimit: Ratelimit;

  constructor(store: RedisStore, limit: AttemptLimit, { log, slowMs }: { log: OutageLog; slowMs?: number }) {
    this.store = store;
    this.guard = new OutageGuard(store, { what: `attempts (${limit.name})`, log, slowMs });
    this.local = new MemoryAttemptLimiter(limit);
    this.ratelimit = new Ratelimit({
      // Typed as Upstash's client, of which it calls `evalsha` and `eval` alone where limits are not dynamic.
      redis: store as unknown as ConstructorParameters<typeof Ratelimit>[0]['redis'],
      limiter: Ratelimit.slidingWindow(limit.attempts, `${limit.windowMs} ms`),
      prefix: `saverouter:attempts:${limit.name}`,
      timeout: 0,
      ephemeralCache: false,
      analytics: false,
      enableProtection: false,
    });
  }

  async attempt(identifier: string): Promise<AttemptResult> {
    const counted = await this.guard.run(() => this.ratelimit.limit(identifier));
    if (counted === null) return this.local.attempt(identifier);
    const { success, remaining, reset } = counted;
    return { allowed: success, remaining, retryAfterMs: success ? 0 : Math.max(0, reset - Date.now()) };
  }

  close(): void {
    this.store.close();
    this.local.close();
  }
}
