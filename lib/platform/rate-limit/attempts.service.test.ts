import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { collectLog } from '@/lib/testing/rate-limits';
import { endRedisServers, findRedisServer, startRedisServer, type RedisServer } from '@/lib/testing/redis-server';
import { startUpstashBridge, type UpstashBridge } from '@/lib/testing/upstash-bridge';
import type { AttemptLimiter } from './attempt-limiter';
import { RedisAttemptLimiter } from './attempts';
import { createAttemptLimiter } from './create';
import { IoredisStore } from './ioredis-store';
import { MemoryAttemptLimiter } from './memory-attempts';
import type { RedisStore } from './redis-store';
import { UpstashStore } from './upstash-store';

const LIMIT = { name: 'failed-authentications', attempts: 30, windowMs: 60_000 };
const START_MS = 1_800_000_000_000;
/** A busy machine is no outage. */
const SLOW_MS = 10_000;

const binary = findRedisServer();
let server: RedisServer;
let bridge: UpstashBridge;
let open: AttemptLimiter[] = [];

beforeAll(async () => {
  if (binary === null) return;
  server = await startRedisServer(binary);
  bridge = await startUpstashBridge(server.url);
});

afterEach(() => {
  vi.useRealTimers();
  for (const limiter of open) limiter.close();
  open = [];
});

afterAll(async () => {
  if (binary === null) return;
  await bridge.stop();
  await endRedisServers();
});

function track<T extends AttemptLimiter>(limiter: T): T {
  open.push(limiter);
  return limiter;
}

describe.runIf(binary !== null)('attempts through @upstash/ratelimit', () => {
  it.each<[string, () => RedisStore]>([
    ['plain Redis', () => new IoredisStore(server.url)],
    ['Upstash', () => new UpstashStore(bridge)],
  ])('allows 30 a minute over two processes on %s, and refuses the others', async (name, openStore) => {
    vi.useFakeTimers({ toFake: ['Date'], now: START_MS });
    const log = collectLog();
    const limiters = [0, 1].map(() => track(new RedisAttemptLimiter(openStore(), LIMIT, { log, slowMs: SLOW_MS })));
    let allowed = 0;
    for (let i = 0; i < 50; i += 1) {
      const result = await limiters[i % 2]?.attempt(`192.0.2.1 ${name}`);
      if (result?.allowed === true) allowed += 1;
      else expect(result?.retryAfterMs).toBe(60_000);
    }
    expect(allowed).toBe(30);
    expect(log.lines).toEqual([]);
  });

  it('answers as the in-process counter does over windows that slide', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: START_MS });
    const redis = track(
      new RedisAttemptLimiter(new IoredisStore(server.url), LIMIT, { log: collectLog(), slowMs: SLOW_MS }),
    );
    const memory = track(new MemoryAttemptLimiter(LIMIT));
    let refused = 0;
    for (let i = 0; i < 400; i += 1) {
      vi.setSystemTime(Date.now() + ((i * 7_919) % 3_000));
      const [counted, expected] = [await redis.attempt('192.0.2.7'), await memory.attempt('192.0.2.7')];
      expect(counted).toEqual(expected);
      if (!counted.allowed) refused += 1;
    }
    expect(refused).toBeGreaterThan(10);
    expect(refused).toBeLessThan(390);
  });

  it('survives a Redis that has forgotten the scripts', async () => {
    const log = collectLog();
    const mortal = await startRedisServer(binary ?? '');
    const limiter = track(createAttemptLimiter({ redisUrl: mortal.url }, LIMIT, log));
    await limiter.attempt('192.0.2.9');
    await mortal.kill();
    await mortal.restart();
    await vi.waitFor(
      async () => {
        await limiter.attempt('192.0.2.9');
        expect(log.lines.at(-1)).toContain('answers again');
      },
      { timeout: 20_000, interval: 100 },
    );
    await limiter.attempt('192.0.2.9');
    expect(log.lines.filter((line) => line.includes('is away'))).toHaveLength(1);
    await mortal.kill();
  });

  it('still refuses while Redis is away', async () => {
    const limiter = track(createAttemptLimiter({ redisUrl: 'redis://127.0.0.1:1' }, LIMIT, collectLog()));
    const results = [];
    for (let i = 0; i < 40; i += 1) results.push(await limiter.attempt('192.0.2.3'));
    expect(results.filter(({ allowed }) => allowed).length).toBeGreaterThanOrEqual(30);
    expect(results.at(-1)).toMatchObject({ allowed: false });
  });
});
