import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { BucketLevels, RateLimitDecision, RateLimits } from '@/lib/domain/rate-limit';
import { admitRequest, collectLog, LIMITS, ROOMY, START_MS } from '@/lib/testing/rate-limits';
import { endRedisServers, findRedisServer, startRedisServer, type RedisServer } from '@/lib/testing/redis-server';
import { startUpstashBridge, type UpstashBridge } from '@/lib/testing/upstash-bridge';
import { IoredisStore, openRedis } from './ioredis-store';
import { leaseKeys } from './limit-keys';
import { RENEW } from './limit-scripts';
import type { Admission, AdmitRequest, RateLimiter } from './limiter';
import { MemoryRateLimiter } from './memory-limiter';
import { RedisRateLimiter } from './redis-limiter';
import { runScript } from './redis-script';
import type { RedisStore } from './redis-store';
import { UpstashStore } from './upstash-store';

const binary = findRedisServer();
let server: RedisServer;
let bridge: UpstashBridge;
let open: RateLimiter[] = [];
let accounts = 0;

const STORES: readonly [name: string, openStore: () => RedisStore][] = [
  ['plain Redis', () => new IoredisStore(server.url)],
  ['Upstash', () => new UpstashStore(bridge)],
];

/** Patient, because a busy machine is no outage; the tests of outages take the limiter as it is. */
function openLimiter(store: RedisStore, now: () => number = Date.now, slowMs = 10_000): RedisRateLimiter {
  const limiter = new RedisRateLimiter(store, { log: collectLog(), now, slowMs });
  open.push(limiter);
  return limiter;
}

/** An account that no other test has used. */
function newAccount(): string {
  accounts += 1;
  return `acc_${accounts}`;
}

function passed(admissions: Admission[]): Admission[] {
  return admissions.filter(({ decision }) => decision.refusal === null);
}

beforeAll(async () => {
  if (binary === null) return;
  server = await startRedisServer(binary);
  bridge = await startUpstashBridge(server.url);
});

afterEach(() => {
  for (const limiter of open) limiter.close();
  open = [];
  vi.useRealTimers();
});

afterAll(async () => {
  if (binary === null) return;
  await bridge.stop();
  await endRedisServers();
});

describe.runIf(binary !== null).each(STORES)('RedisRateLimiter over %s', (_name, openStore) => {
  it('lets exactly 10 of 50 concurrent requests of two processes through a bucket of 10', async () => {
    const account = newAccount();
    const [one, two] = [openLimiter(openStore(), () => START_MS), openLimiter(openStore(), () => START_MS)];
    const accountLimits = { ...ROOMY, requestsPerMinute: 10 };
    const made = await Promise.all(
      Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? one : two).admit(admitRequest({ account, accountLimits }))),
    );
    expect(made.every(({ countedIn }) => countedIn === 'redis')).toBe(true);
    expect(passed(made)).toHaveLength(10);
  });

  it('leaves the key untouched by what its account refuses', async () => {
    const account = newAccount();
    const limiter = openLimiter(openStore(), () => START_MS);
    const accountLimits = { ...ROOMY, outputTokensPerMinute: 100 };
    await limiter.admit(admitRequest({ key: 'key_a', account, accountLimits, outputTokens: 100 }));
    const refused = await limiter.admit(admitRequest({ key: 'key_b', account, accountLimits, outputTokens: 100 }));
    expect(refused.countedIn).toBe('redis');
    expect(refused.decision.refusal).toEqual({
      scope: 'account',
      dimension: 'outputTokens',
      limit: 100,
      waitMs: 60_000,
    });
    const free = await limiter.admit(admitRequest({ key: 'key_b', account, accountLimits }));
    expect(free.decision.key.levels).toMatchObject({ requests: 59, outputTokens: 2_000 });
  });

  it('refunds what was reserved and not used', async () => {
    const account = newAccount();
    const limiter = openLimiter(openStore(), () => START_MS);
    const first = await limiter.admit(admitRequest({ account, inputTokens: 9_000, outputTokens: 64_000 }));
    expect(first.decision.key.levels).toMatchObject({ inputTokens: 1_000, outputTokens: 0 });
    limiter.settle(first, { inputTokens: 500, outputTokens: 100 });
    limiter.settle(first, { inputTokens: 0, outputTokens: 0 });
    await vi.waitFor(async () => {
      const { decision } = await limiter.admit(admitRequest({ account }));
      expect(decision.key.levels).toMatchObject({ inputTokens: 9_500, outputTokens: 1_900 });
    });
  });

  it('holds one limit of running requests over two processes, and frees a place once', async () => {
    const account = newAccount();
    const accountLimits = { ...ROOMY, concurrentRequests: 3 };
    const [one, two] = [openLimiter(openStore()), openLimiter(openStore())];
    const request = () => admitRequest({ account, accountLimits });
    const first = await one.admit(request());
    await one.admit(request());
    await two.admit(request());
    const refused = await two.admit(request());
    expect(refused.countedIn).toBe('redis');
    expect(refused.decision.refusal).toMatchObject({ scope: 'account', dimension: 'concurrentRequests', limit: 3 });

    one.release(first);
    one.release(first);
    two.release(refused);
    await vi.waitFor(async () => {
      expect(passed([await two.admit(request())])).toHaveLength(1);
    });
    expect(passed([await one.admit(request())])).toHaveLength(0);
  });

  it('gives a crashed process its places back when their leases end, and keeps those of a living one', async () => {
    const account = newAccount();
    const accountLimits = { ...ROOMY, concurrentRequests: 2 };
    const clock = { nowMs: START_MS };
    const request = () => admitRequest({ account, accountLimits });
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const living = openLimiter(openStore(), () => clock.nowMs);
    const crashed = openLimiter(openStore(), () => clock.nowMs);
    const observer = openLimiter(openStore(), () => clock.nowMs);
    const held = await living.admit(request());
    expect(passed([held, await crashed.admit(request())])).toHaveLength(2);
    crashed.close();

    clock.nowMs += 100_000;
    expect(passed([await observer.admit(request())])).toHaveLength(0);
    vi.advanceTimersByTime(40_000);
    await untilLeaseEnds(held.request, clock.nowMs + 120_000);
    clock.nowMs += 21_000;
    const [first, second] = [await observer.admit(request()), await observer.admit(request())];
    expect(passed([first])).toHaveLength(1);
    expect(second.decision.refusal).toMatchObject({ dimension: 'concurrentRequests' });
  });
});

describe.runIf(binary !== null)('RedisRateLimiter', () => {
  it('asks Redis once for each request, whatever the number of limits', async () => {
    const limiter = openLimiter(new UpstashStore(bridge));
    const account = newAccount();
    await limiter.admit(admitRequest({ account }));
    const before = bridge.requests;
    await limiter.admit(admitRequest({ account }));
    expect(bridge.requests - before).toBe(1);
  });

  it('decides as the in-process limiter does, over 2,000 random calls', async () => {
    const call = fc.record({
      kind: fc.constantFrom('admit', 'admit', 'admit', 'settle', 'release'),
      key: fc.constantFrom('key_1', 'key_2', 'key_3'),
      inputTokens: fc.oneof(fc.constant(0), fc.nat(900), fc.nat(20_000)),
      outputTokens: fc.oneof(fc.constant(0), fc.nat(300), fc.nat(5_000)),
      elapsedMs: fc.oneof(fc.constant(0), fc.nat(400), fc.nat(20_000)),
      pick: fc.nat(1_000),
    });
    const calls = fc.array(call, { minLength: 400, maxLength: 400 });
    for (const [tight, profile] of Object.entries(PROFILES)) {
      const outcomes = new Set<string>();
      const property = fc.asyncProperty(calls, (steps) => compare(steps, profile, outcomes));
      await fc.assert(property, { numRuns: 1, endOnFailure: true });
      expect([...outcomes]).toEqual(expect.arrayContaining(tight === 'mixed' ? ['admitted'] : ['admitted', tight]));
    }
  });

  it('renews no lease that was released meanwhile', async () => {
    const request = admitRequest({ account: newAccount() });
    const store = new IoredisStore(server.url);
    await store.connect();
    const [name] = leaseKeys(request);
    await runScript(store, RENEW, [name], [String(START_MS + 120_000), '120000', request.requestId]);
    await expect(store.eval("return redis.call('ZCARD', KEYS[1])", [name], [])).resolves.toBe(0);
    store.close();
  });

  it('serves on when Redis dies, and counts there again when it is back', async () => {
    const mortal = await startRedisServer(binary ?? '');
    const limiter = openLimiter(new IoredisStore(mortal.url));
    expect((await limiter.admit(admitRequest())).countedIn).toBe('redis');
    await mortal.kill();
    const during = await Promise.all(Array.from({ length: 20 }, () => limiter.admit(admitRequest())));
    expect(during.every(({ countedIn }) => countedIn === 'process')).toBe(true);
    expect(passed(during)).toHaveLength(20);
    for (const admission of during) {
      limiter.settle(admission, { inputTokens: 1, outputTokens: 1 });
      limiter.release(admission);
    }
    await mortal.restart();
    await untilCountedInRedis(limiter);
    await mortal.kill();
  });

  it('serves on when Upstash dies', async () => {
    const mortal = await startUpstashBridge(server.url);
    const limiter = openLimiter(new UpstashStore(mortal));
    expect((await limiter.admit(admitRequest())).countedIn).toBe('redis');
    await mortal.stop();
    const during = await limiter.admit(admitRequest());
    expect(during).toMatchObject({ countedIn: 'process', decision: { refusal: null } });
  });

  it('starts and serves without a Redis that is there, and with one that answers with errors', async () => {
    const nowhere = openLimiter(new IoredisStore('redis://127.0.0.1:1'));
    expect((await nowhere.admit(admitRequest())).countedIn).toBe('process');
    const wrongToken = openLimiter(new UpstashStore({ url: bridge.url, token: 'wrong' }));
    expect((await wrongToken.admit(admitRequest())).countedIn).toBe('process');
  });

  it('gives back, after Redis hung, the places released meanwhile and those it took too late', async () => {
    const hanging = await startRedisServer(binary ?? '');
    const limiter = openLimiter(new IoredisStore(hanging.url), Date.now, 500);
    const account = newAccount();
    const request = () => admitRequest({ account, accountLimits: { ...ROOMY, concurrentRequests: 2 } });
    const before = await limiter.admit(request());
    limiter.release(await limiter.admit(request()));

    hanging.pause();
    const late = await limiter.admit(request());
    expect(late.countedIn).toBe('process');
    limiter.release(before);
    limiter.release(late);
    hanging.resume();

    await untilCountedInRedis(limiter);
    await vi.waitFor(async () => {
      const admissions = [await limiter.admit(request()), await limiter.admit(request())];
      const places = passed(admissions).length;
      for (const admission of admissions) limiter.release(admission);
      expect(places).toBe(2);
    });
    await hanging.kill();
  });
});

type Profile = { key: RateLimits; account: RateLimits };

/** Each limit as the one that refuses, and all of them together. */
const PROFILES: Readonly<Record<string, Profile>> = {
  requests: { key: { ...ROOMY, requestsPerMinute: 5 }, account: { ...ROOMY, requestsPerMinute: 9 } },
  inputTokens: { key: { ...ROOMY, inputTokensPerMinute: 9_999 }, account: { ...ROOMY, inputTokensPerMinute: 17_001 } },
  outputTokens: {
    key: { ...ROOMY, outputTokensPerMinute: 1_999 },
    account: { ...ROOMY, outputTokensPerMinute: 3_001 },
  },
  concurrentRequests: { key: { ...ROOMY, concurrentRequests: 3 }, account: { ...ROOMY, concurrentRequests: 5 } },
  mixed: {
    key: { ...LIMITS, requestsPerMinute: 7, concurrentRequests: 4 },
    account: {
      requestsPerMinute: 13,
      inputTokensPerMinute: 17_001,
      outputTokensPerMinute: 3_001,
      concurrentRequests: 7,
    },
  },
};

type Step = { kind: string; key: string; inputTokens: number; outputTokens: number; elapsedMs: number; pick: number };
type Pair = { startedMs: number; process: Admission; redis: Admission };

/** Does the same calls at the same times to both limiters, and compares every answer. */
async function compare(steps: Step[], profile: Profile, outcomes: Set<string>): Promise<void> {
  const began = performance.now();
  const clock = { nowMs: START_MS };
  const memory = new MemoryRateLimiter({ now: () => clock.nowMs });
  const redis = openLimiter(new IoredisStore(server.url), () => clock.nowMs);
  const account = newAccount();
  const pairs: Pair[] = [];
  let skippedMs = 0;
  await knowTheScripts(redis);

  for (const { kind, key, inputTokens, outputTokens, elapsedMs, pick } of steps) {
    // Redis forgets by real time, so that the clock of the test must never be slower.
    skippedMs += elapsedMs;
    clock.nowMs = START_MS + skippedMs + Math.ceil(performance.now() - began);
    // A lease ends after two minutes, which the count of a single process does not know.
    while (pairs[0] !== undefined && clock.nowMs - pairs[0].startedMs > 60_000) release(pairs.shift());
    const pair = pairs[pick % Math.max(1, pairs.length)];
    if (kind === 'settle' && pair !== undefined) {
      memory.settle(pair.process, { inputTokens, outputTokens });
      redis.settle(pair.redis, { inputTokens, outputTokens });
    } else if (kind === 'release' && pair !== undefined) {
      release(pairs.splice(pairs.indexOf(pair), 1)[0]);
    } else {
      const request = admitRequest({
        key,
        account,
        keyLimits: profile.key,
        accountLimits: profile.account,
        inputTokens,
        outputTokens,
      });
      const made = { startedMs: clock.nowMs, process: await memory.admit(request), redis: await redis.admit(request) };
      expect(made.redis.countedIn).toBe('redis');
      expect(comparable(made.redis.decision)).toEqual(comparable(made.process.decision));
      outcomes.add(made.redis.decision.refusal?.dimension ?? 'admitted');
      if (made.redis.decision.refusal === null) pairs.push(made);
    }
  }

  function release(pair: Pair | undefined): void {
    if (pair === undefined) return;
    memory.release(pair.process);
    redis.release(pair.redis);
  }
}

/** Once Redis knows every script, calls on one connection happen in the order in which they are made. */
async function knowTheScripts(limiter: RateLimiter): Promise<void> {
  const account = newAccount();
  const request = () => admitRequest({ account, keyLimits: { ...ROOMY, concurrentRequests: 1 }, outputTokens: 5 });
  const first = await limiter.admit(request());
  limiter.settle(first, { inputTokens: 0, outputTokens: 0 });
  limiter.release(first);
  await vi.waitFor(async () => {
    const next = await limiter.admit(request());
    expect(next.decision.refusal).toBeNull();
    limiter.release(next);
  });
}

async function untilLeaseEnds(request: AdmitRequest, atMs: number): Promise<void> {
  const redis = openRedis(server.url);
  await redis.connect();
  await vi.waitFor(async () => {
    for (const name of leaseKeys(request)) expect(await redis.zscore(name, request.requestId)).toBe(String(atMs));
  });
  redis.disconnect();
}

function comparable({ nowMs, refusal, key, account }: RateLimitDecision) {
  return { nowMs, refusal, key: floored(key.levels), account: floored(account.levels) };
}

function floored({ requests, inputTokens, outputTokens }: BucketLevels): number[] {
  return [Math.floor(requests), Math.floor(inputTokens), Math.floor(outputTokens)];
}

async function untilCountedInRedis(limiter: RateLimiter): Promise<void> {
  const account = newAccount();
  await vi.waitFor(
    async () => {
      const admission = await limiter.admit(admitRequest({ account, keyLimits: ROOMY }));
      limiter.release(admission);
      expect(admission.countedIn).toBe('redis');
    },
    { timeout: 20_000, interval: 100 },
  );
}
