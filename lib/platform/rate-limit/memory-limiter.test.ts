import { describe, expect, it } from 'vitest';
import { MemoryRateLimiter } from './memory-limiter';
import { admitRequest, LIMITS, ROOMY, START_MS } from '@/lib/testing/rate-limits';

function limiterAt(clock: { nowMs: number }, entriesMost?: number) {
  return new MemoryRateLimiter({ now: () => clock.nowMs, ...(entriesMost === undefined ? {} : { entriesMost }) });
}

describe('MemoryRateLimiter', () => {
  it('lets exactly 10 of 50 concurrent requests through a bucket of 10', async () => {
    const limiter = limiterAt({ nowMs: START_MS });
    const limits = { ...ROOMY, requestsPerMinute: 10 };
    const admissions = await Promise.all(
      Array.from({ length: 50 }, () => limiter.admit(admitRequest({ keyLimits: limits }))),
    );
    expect(admissions.filter(({ decision }) => decision.refusal === null)).toHaveLength(10);
  });

  it('leaves the key untouched by what its account refuses', async () => {
    const limiter = limiterAt({ nowMs: START_MS });
    const accountLimits = { ...ROOMY, requestsPerMinute: 1 };
    await limiter.admit(admitRequest({ key: 'key_a', accountLimits }));
    const refused = await limiter.admit(admitRequest({ key: 'key_b', accountLimits }));
    expect(refused.decision.refusal).toMatchObject({ scope: 'account', dimension: 'requests' });
    expect(refused.decision.key.levels).toMatchObject({ requests: LIMITS.requestsPerMinute });
    const alone = await limiter.admit(admitRequest({ key: 'key_b', account: 'acc_b' }));
    expect(alone.decision.key.levels.requests).toBe(LIMITS.requestsPerMinute - 1);
  });

  it('refunds what was reserved and not used, once', async () => {
    const limiter = limiterAt({ nowMs: START_MS });
    const first = await limiter.admit(admitRequest({ inputTokens: 9_000, outputTokens: 2_000 }));
    limiter.settle(first, { inputTokens: 500, outputTokens: 100 });
    limiter.settle(first, { inputTokens: 500, outputTokens: 100 });
    const second = await limiter.admit(admitRequest());
    expect(second.decision.key.levels).toMatchObject({ requests: 58, inputTokens: 9_500, outputTokens: 1_900 });
  });

  it('keeps debt, so that use beyond the reservation delays the next request', async () => {
    const limiter = limiterAt({ nowMs: START_MS });
    limiter.settle(await limiter.admit(admitRequest({ outputTokens: 10 })), { inputTokens: 0, outputTokens: 4_000 });
    const next = await limiter.admit(admitRequest({ outputTokens: 10 }));
    expect(next.decision.refusal).toMatchObject({ dimension: 'outputTokens', waitMs: 60_300 });
  });

  it('frees a place among the running requests once, however often it is released', async () => {
    const limiter = limiterAt({ nowMs: START_MS });
    const keyLimits = { ...ROOMY, concurrentRequests: 2 };
    const first = await limiter.admit(admitRequest({ keyLimits }));
    await limiter.admit(admitRequest({ keyLimits }));
    const refused = await limiter.admit(admitRequest({ keyLimits }));
    expect(refused.decision.refusal).toMatchObject({ scope: 'key', dimension: 'concurrentRequests' });
    limiter.release(refused);
    limiter.release(first);
    limiter.release(first);
    expect((await limiter.admit(admitRequest({ keyLimits }))).decision.refusal).toBeNull();
    expect((await limiter.admit(admitRequest({ keyLimits }))).decision.refusal).not.toBeNull();
  });

  it('applies a changed limit from the next request on', async () => {
    const limiter = limiterAt({ nowMs: START_MS });
    await limiter.admit(admitRequest({ keyLimits: ROOMY }));
    const lowered = await limiter.admit(admitRequest({ keyLimits: { ...ROOMY, requestsPerMinute: 1 } }));
    expect(lowered.decision.key.levels.requests).toBe(0);
  });

  it('forgets keys whose buckets are full again and keeps those in use', async () => {
    const clock = { nowMs: START_MS };
    const limiter = limiterAt(clock);
    const running = await limiter.admit(
      admitRequest({ key: 'key_running', keyLimits: { ...ROOMY, concurrentRequests: 1 } }),
    );
    for (let i = 0; i < 20_000; i += 1) {
      clock.nowMs += 100;
      limiter.release(await limiter.admit(admitRequest({ key: `key_${i}` })));
    }
    expect(limiter.size).toBeLessThan(2_500);
    const second = await limiter.admit(admitRequest({ key: 'key_running', keyLimits: running.request.key.limits }));
    expect(second.decision.refusal).toMatchObject({ dimension: 'concurrentRequests' });
  });

  it('never remembers more than its bound, even when every bucket is in use', async () => {
    const limiter = limiterAt({ nowMs: START_MS }, 100);
    for (let i = 0; i < 1_000; i += 1) limiter.release(await limiter.admit(admitRequest({ key: `key_${i}` })));
    expect(limiter.size).toBeLessThanOrEqual(101);
  });
});
