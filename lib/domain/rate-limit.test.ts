import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correction, decide, refill, take, type BucketLevels, type RateLimits } from './rate-limit';

const LIMITS: RateLimits = {
  requestsPerMinute: 60,
  inputTokensPerMinute: 10_000,
  outputTokensPerMinute: 2_000,
  concurrentRequests: 5,
};
const ROOMY: RateLimits = {
  requestsPerMinute: 6_000,
  inputTokensPerMinute: 4_000_000,
  outputTokensPerMinute: 1_000_000,
  concurrentRequests: 500,
};
const START_MS = 1_800_000_000_000;

function scope(limits: RateLimits, levels: Partial<BucketLevels> = {}, running = 0) {
  return { limits, levels: { ...refill(undefined, limits, START_MS), ...levels }, running };
}

describe('decide', () => {
  it('takes from every bucket of the key and of the account when all of them have room', () => {
    const decision = decide(START_MS, scope(LIMITS), scope(ROOMY), {
      requests: 1,
      inputTokens: 400,
      outputTokens: 100,
    });
    expect(decision.refusal).toBeNull();
    expect(decision.key.levels).toMatchObject({ requests: 59, inputTokens: 9_600, outputTokens: 1_900 });
    expect(decision.account.levels).toMatchObject({ requests: 5_999, inputTokens: 3_999_600, outputTokens: 999_900 });
  });

  it('takes from no bucket at all when one of them refuses', () => {
    const key = scope(LIMITS);
    const account = scope(ROOMY, { outputTokens: 50 });
    const decision = decide(START_MS, key, account, { requests: 1, inputTokens: 400, outputTokens: 100 });
    expect(decision.refusal).toMatchObject({ scope: 'account', dimension: 'outputTokens', limit: 1_000_000 });
    expect(decision.key.levels).toEqual(key.levels);
    expect(decision.account.levels).toEqual(account.levels);
  });

  it('names the limit that makes the caller wait longest', () => {
    const key = scope(LIMITS, { requests: 0, inputTokens: 0 });
    const decision = decide(START_MS, key, scope(ROOMY), { requests: 1, inputTokens: 5_000, outputTokens: 0 });
    expect(decision.refusal).toEqual({ scope: 'key', dimension: 'inputTokens', limit: 10_000, waitMs: 30_000 });
  });

  it('serves a request larger than the whole limit once its bucket is full, and never before', () => {
    const cost = { requests: 1, inputTokens: 0, outputTokens: 64_000 };
    expect(decide(START_MS, scope(LIMITS), scope(ROOMY), cost)).toMatchObject({
      refusal: null,
      key: { levels: { outputTokens: 0 } },
    });
    expect(decide(START_MS, scope(LIMITS, { outputTokens: 1_999 }), scope(ROOMY), cost).refusal).toMatchObject({
      dimension: 'outputTokens',
      waitMs: 30,
    });
  });

  it('refuses at the limit of running requests, and lets a limit of zero through nothing', () => {
    const cost = { requests: 1, inputTokens: 0, outputTokens: 0 };
    expect(decide(START_MS, scope(LIMITS, {}, 5), scope(ROOMY), cost).refusal).toMatchObject({
      dimension: 'concurrentRequests',
      limit: 5,
    });
    expect(decide(START_MS, scope(LIMITS, {}, 4), scope(ROOMY), cost).refusal).toBeNull();
    const closed = { ...LIMITS, requestsPerMinute: 0 };
    expect(decide(START_MS, scope(closed), scope(ROOMY), cost).refusal).toMatchObject({ dimension: 'requests' });
  });

  it('lets free requests pass while tokens are in debt', () => {
    const key = scope(LIMITS, { inputTokens: -50_000, outputTokens: -50_000 });
    expect(decide(START_MS, key, scope(ROOMY), { requests: 1, inputTokens: 0, outputTokens: 0 }).refusal).toBeNull();
  });

  it('admits after the wait it named, and not a second before it', () => {
    const limits = fc.record({
      requestsPerMinute: fc.integer({ min: 1, max: 5_000 }),
      inputTokensPerMinute: fc.integer({ min: 1, max: 5_000_000 }),
      outputTokensPerMinute: fc.integer({ min: 1, max: 1_000_000 }),
      concurrentRequests: fc.constant(10),
    });
    const level = fc.double({ min: -2, max: 1, noNaN: true });
    let refusals = 0;
    fc.assert(
      fc.property(limits, level, level, fc.nat(2_000_000), (limit, requests, tokens, inputTokens) => {
        const levels = {
          requests: requests * limit.requestsPerMinute,
          inputTokens: tokens * limit.inputTokensPerMinute,
        };
        const cost = { requests: 1, inputTokens, outputTokens: 0 };
        const stored = scope(limit, levels).levels;
        const at = (nowMs: number) => ({ limits: limit, levels: refill(stored, limit, nowMs), running: 0 });
        const { refusal } = decide(START_MS, at(START_MS), scope(ROOMY), cost);
        if (refusal === null) return;
        refusals += 1;
        const later = START_MS + refusal.waitMs;
        expect(decide(later, at(later), scope(ROOMY), cost).refusal).toBeNull();
        const early = Math.max(START_MS, later - 1_000);
        expect(decide(early, at(early), scope(ROOMY), cost).refusal).not.toBeNull();
      }),
    );
    expect(refusals).toBeGreaterThan(20);
  });
});

describe('refill', () => {
  it('fills continuously and never above the limit', () => {
    const empty = { atMs: START_MS, requests: 0, inputTokens: 0, outputTokens: -1_000 };
    expect(refill(empty, LIMITS, START_MS + 6_000)).toEqual({
      atMs: START_MS + 6_000,
      requests: 6,
      inputTokens: 1_000,
      outputTokens: -800,
    });
    expect(refill(empty, LIMITS, START_MS + 3_600_000)).toMatchObject({ requests: 60, inputTokens: 10_000 });
  });

  it('refills nothing twice when two machines with different clocks take turns', () => {
    let levels: BucketLevels = { atMs: START_MS, requests: 0, inputTokens: 0, outputTokens: 0 };
    for (let turn = 0; turn < 50; turn += 1) {
      levels = refill(levels, LIMITS, START_MS + 1_000);
      levels = refill(levels, LIMITS, START_MS);
    }
    expect(levels.requests).toBe(1);
  });

  it('counts on after a clock was set back, instead of standing still until it catches up', () => {
    const ahead = { atMs: START_MS + 3_600_000, requests: 0, inputTokens: 0, outputTokens: 0 };
    const reset = refill(ahead, LIMITS, START_MS);
    expect(reset).toMatchObject({ atMs: START_MS, requests: 0 });
    expect(refill(reset, LIMITS, START_MS + 1_000).requests).toBe(1);
  });
});

describe('correction', () => {
  it('gives back what was reserved and not used, and takes what was used beyond it as debt', () => {
    const levels = { atMs: START_MS, requests: 10, inputTokens: 100, outputTokens: 100 };
    const reserved = { inputTokens: 900, outputTokens: 500 };
    const settled = take(
      { limits: LIMITS, levels },
      correction(reserved, { inputTokens: 2_000, outputTokens: 20 }, LIMITS),
    );
    expect(settled).toEqual({ atMs: START_MS, requests: 10, inputTokens: -1_000, outputTokens: 580 });
  });

  it('counts a clamped reservation as what it really took', () => {
    const actual = { inputTokens: 0, outputTokens: 2_500 };
    expect(correction({ inputTokens: 0, outputTokens: 64_000 }, actual, LIMITS).outputTokens).toBe(500);
  });

  it('leaves the reservation as it stands when the use is not a number', () => {
    const unknown = { inputTokens: Number.NaN, outputTokens: Infinity };
    expect(correction({ inputTokens: 5, outputTokens: 5 }, unknown, LIMITS)).toEqual({
      requests: 0,
      inputTokens: 0,
      outputTokens: 0,
    });
  });
});
