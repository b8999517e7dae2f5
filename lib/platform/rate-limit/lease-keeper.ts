import { leaseKeys } from './limit-keys';
import { RELEASE, RENEW } from './limit-scripts';
import type { AdmitRequest } from './limiter';
import type { OutageGuard } from './outage-guard';
import { runScript } from './redis-script';
import type { RedisStore } from './redis-store';

const RENEW_EVERY_MS = 40_000;
/** Requests in one call: a script holds up all of Redis while it runs. */
const BATCH_SIZE = 1_000;
/** Beyond this, leases that could not be released are left to expire. */
const UNRELEASED_MOST = 20_000;

type Lease = Pick<AdmitRequest, 'requestId' | 'key' | 'account'>;

/**
 * A running request's place in Redis is a lease with an end, so that a process which dies gives its places back. The
 * keeper renews those of this process, all in one call every 40 s; what it could not release while Redis was away it
 * releases when Redis is back, so that no key waits two minutes for places that nobody holds.
 */
export class LeaseKeeper {
  private readonly store: RedisStore;
  private readonly guard: OutageGuard;
  private readonly ttlMs: number;
  private readonly now: () => number;
  private readonly held = new Map<string, Lease>();
  private readonly timer: NodeJS.Timeout;
  private unreleased: Lease[] = [];

  constructor(store: RedisStore, guard: OutageGuard, options: { ttlMs: number; now: () => number }) {
    this.store = store;
    this.guard = guard;
    this.ttlMs = options.ttlMs;
    this.now = options.now;
    this.timer = setInterval(() => void this.renew(), RENEW_EVERY_MS);
    this.timer.unref();
  }

  hold(lease: Lease): void {
    this.held.set(lease.requestId, lease);
  }

  release(lease: Lease): void {
    this.held.delete(lease.requestId);
    void this.sendRelease([lease]);
  }

  /** Renews every lease that this process holds; one that had been released meanwhile does not come back. */
  async renew(): Promise<void> {
    const expiresAt = String(this.now() + this.ttlMs);
    for (const batch of batchesOf([...this.held.values()])) {
      const args = [expiresAt, String(this.ttlMs), ...namesOf(batch)];
      await this.guard.run(() => this.send(RENEW, batch, args));
    }
  }

  /** Releases what could not be released, and renews the rest at once: its time has run on during the outage. */
  async flush(): Promise<void> {
    const unreleased = this.unreleased;
    this.unreleased = [];
    for (const batch of batchesOf(unreleased)) await this.sendRelease(batch);
    await this.renew();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async sendRelease(leases: Lease[]): Promise<void> {
    const done = await this.guard.run(() => this.send(RELEASE, leases, namesOf(leases)));
    if (done === null && this.unreleased.length < UNRELEASED_MOST) this.unreleased.push(...leases);
  }

  private async send(script: typeof RENEW, leases: Lease[], args: string[]): Promise<true> {
    await runScript(this.store, script, leases.flatMap(leaseKeys), args);
    return true;
  }
}

/** Each lease twice: it lies in its key's set and in its account's. */
function namesOf(leases: Lease[]): string[] {
  return leases.flatMap(({ requestId }) => [requestId, requestId]);
}

function batchesOf(leases: Lease[]): Lease[][] {
  const batches: Lease[][] = [];
  for (let start = 0; start < leases.length; start += BATCH_SIZE) batches.push(leases.slice(start, start + BATCH_SIZE));
  return batches;
}
