import { describe, expect, it } from 'vitest';
import { MemoryAttemptLimiter } from './memory-attempts';

const LIMIT = { name: 'test', attempts: 30, windowMs: 60_000 };
const START_MS = 1_800_000_000_000;

async function tryTimes(limiter: MemoryAttemptLimiter, identifier: string, times: number): Promise<number> {
  let allowed = 0;
  for (let i = 0; i < times; i += 1) if ((await limiter.attempt(identifier)).allowed) allowed += 1;
  return allowed;
}

describe('MemoryAttemptLimiter', () => {
  it('allows 30 attempts of one address and refuses the next ones until its window slides on', async () => {
    const clock = { nowMs: START_MS };
    const limiter = new MemoryAttemptLimiter(LIMIT, { now: () => clock.nowMs });
    expect(await tryTimes(limiter, '192.0.2.1', 100)).toBe(30);
    expect(await limiter.attempt('192.0.2.1')).toEqual({ allowed: false, remaining: 0, retryAfterMs: 60_000 });
    expect(await tryTimes(limiter, '192.0.2.2', 1)).toBe(1);
    clock.nowMs += 90_000;
    expect(await tryTimes(limiter, '192.0.2.1', 100)).toBe(15);
    clock.nowMs += 120_000;
    expect(await tryTimes(limiter, '192.0.2.1', 100)).toBe(30);
  });

  it('remembers a bounded number of addresses, and forgets the idlest first', async () => {
    const clock = { nowMs: START_MS };
    const limiter = new MemoryAttemptLimiter(LIMIT, { now: () => clock.nowMs, identifiersMost: 100 });
    for (let i = 0; i < 1_000; i += 1) await limiter.attempt(`address ${i}`);
    expect(limiter.size).toBe(100);
    expect((await limiter.attempt('address 999')).remaining).toBe(28);
    expect((await limiter.attempt('address 0')).remaining).toBe(29);
    clock.nowMs += 180_000;
    for (let i = 0; i < 200; i += 1) await limiter.attempt('one address');
    await tryTimes(limiter, 'another', 1);
    expect(limiter.size).toBeLessThan(100);
  });
});
