import {
  asCost,
  correction,
  type BucketLevels,
  type RateLimitDecision,
  type RateLimitDimension,
  type RateLimitRefusal,
  type RateLimits,
} from '@/lib/domain/rate-limit';
import { LeaseKeeper } from './lease-keeper';
import { bucketKeys, leaseKeys } from './limit-keys';
import { ADMIT, SETTLE } from './limit-scripts';
import { newAdmission, type ActualTokens, type Admission, type AdmitRequest, type RateLimiter } from './limiter';
import { MemoryRateLimiter } from './memory-limiter';
import { OutageGuard } from './outage-guard';
import { runScript } from './redis-script';
import type { OutageLog, RedisStore } from './redis-store';

/** In the order of the script's answer. */
const DIMENSIONS: readonly RateLimitDimension[] = ['requests', 'inputTokens', 'outputTokens', 'concurrentRequests'];
const LIMIT_OF: Readonly<Record<RateLimitDimension, keyof RateLimits>> = {
  requests: 'requestsPerMinute',
  inputTokens: 'inputTokensPerMinute',
  outputTokens: 'outputTokensPerMinute',
  concurrentRequests: 'concurrentRequests',
};
const REPLY_LENGTH = 8;
const LEASE_TTL_MS = 120_000;

type RedisLimiterOptions = { log: OutageLog; now?: () => number; slowMs?: number };

/**
 * The limiter that processes share through Redis: one round trip to admit. While Redis is away this process counts by
 * itself, with the full limits: what protects money is the ledger, and paid requests are not refused for a fault of ours.
 */
export class RedisRateLimiter implements RateLimiter {
  private readonly store: RedisStore;
  private readonly now: () => number;
  private readonly guard: OutageGuard;
  private readonly leases: LeaseKeeper;
  private readonly local: MemoryRateLimiter;

  constructor(store: RedisStore, { log, now = Date.now, slowMs }: RedisLimiterOptions) {
    this.store = store;
    this.now = now;
    this.local = new MemoryRateLimiter({ now });
    this.guard = new OutageGuard(store, {
      what: 'rate limits',
      log,
      slowMs,
      onRecovery: () => {
        void this.leases.flush();
      },
    });
    this.leases = new LeaseKeeper(store, this.guard, { ttlMs: LEASE_TTL_MS, now });
  }

  async admit(request: AdmitRequest): Promise<Admission> {
    const nowMs = this.now();
    const reply = await this.guard.run(
      () => this.ask(request, nowMs),
      (late) => {
        this.undo(request, toDecision(request, nowMs, late));
      },
    );
    if (reply === null) return this.local.admit(request);
    const decision = toDecision(request, nowMs, reply);
    if (decision.refusal === null) this.leases.hold(request);
    return newAdmission(request, decision, 'redis');
  }

  settle(admission: Admission, actual: ActualTokens): void {
    if (admission.countedIn === 'process') {
      this.local.settle(admission, actual);
      return;
    }
    if (admission.settled) return;
    admission.settled = true;
    this.correct(admission.request, actual);
  }

  release(admission: Admission): void {
    if (admission.countedIn === 'process') {
      this.local.release(admission);
      return;
    }
    if (admission.released) return;
    admission.released = true;
    this.leases.release(admission.request);
  }

  close(): void {
    this.leases.close();
    this.store.close();
  }

  private async ask(request: AdmitRequest, nowMs: number): Promise<number[]> {
    const [keyBuckets, accountBuckets] = bucketKeys(request);
    const [keyLeases, accountLeases] = leaseKeys(request);
    const args = [
      String(nowMs),
      request.requestId,
      String(LEASE_TTL_MS),
      '1',
      String(asCost(request.inputTokens)),
      String(asCost(request.outputTokens)),
      ...limitArgs(request.key.limits),
      ...limitArgs(request.account.limits),
    ];
    return toNumbers(await runScript(this.store, ADMIT, [keyBuckets, keyLeases, accountBuckets, accountLeases], args));
  }

  private correct(request: AdmitRequest, actual: ActualTokens): void {
    const args = [String(this.now())];
    for (const { limits } of [request.key, request.account]) {
      const { inputTokens, outputTokens } = correction(request, actual, limits);
      args.push(String(inputTokens), String(outputTokens), ...limitArgs(limits).slice(0, 3));
    }
    void this.guard.run(async () => {
      await runScript(this.store, SETTLE, bucketKeys(request), args);
      return true;
    });
  }

  /** The caller has long been counted in this process; what Redis took for it after all goes back. */
  private undo(request: AdmitRequest, late: RateLimitDecision): void {
    if (late.refusal !== null) return;
    this.correct(request, { inputTokens: 0, outputTokens: 0 });
    this.leases.release(request);
  }
}

function limitArgs(limits: RateLimits): string[] {
  return [
    String(limits.requestsPerMinute),
    String(limits.inputTokensPerMinute),
    String(limits.outputTokensPerMinute),
    String(limits.concurrentRequests),
  ];
}

/** Whatever is not the script's answer is a fault of the store, and counts as an outage. */
function toNumbers(reply: unknown): number[] {
  if (!Array.isArray(reply) || reply.length !== REPLY_LENGTH)
    throw new Error('the rate-limit script answered nonsense');
  const numbers = reply.map(Number);
  if (!numbers.every(Number.isFinite)) throw new Error('the rate-limit script answered nonsense');
  return numbers;
}

function toDecision(request: AdmitRequest, nowMs: number, reply: number[]): RateLimitDecision {
  const [refused = -1, waitMs = 0] = reply;
  return {
    nowMs,
    refusal: refused < 0 ? null : toRefusal(request, refused, waitMs),
    key: { limits: request.key.limits, levels: toLevels(nowMs, reply.slice(2, 5)) },
    account: { limits: request.account.limits, levels: toLevels(nowMs, reply.slice(5, 8)) },
  };
}

function toRefusal(request: AdmitRequest, index: number, waitMs: number): RateLimitRefusal {
  const scope = index < DIMENSIONS.length ? 'key' : 'account';
  const dimension = DIMENSIONS[index % DIMENSIONS.length] ?? 'requests';
  return { scope, dimension, limit: request[scope].limits[LIMIT_OF[dimension]], waitMs };
}

function toLevels(atMs: number, [requests = 0, inputTokens = 0, outputTokens = 0]: number[]): BucketLevels {
  return { atMs, requests, inputTokens, outputTokens };
}
