import { refill, type BucketLevels, type RateLimits } from '@/lib/domain/rate-limit';

/** What the process remembers of one key or account. */
export type ScopeEntry = { levels: BucketLevels | undefined; limits: RateLimits; running: number };

const SWEEP_SMALLEST = 1_024;
/** Some 200 bytes an entry: 20 MB at the most. */
const ENTRIES_MOST = 100_000;

/**
 * Keys or accounts by id, bounded. An entry whose buckets are full and of which nothing runs is the same as none, so
 * those are swept whenever the table has doubled; a sweep costs each entry added a constant share.
 */
export class ScopeTable {
  private readonly entries = new Map<string, ScopeEntry>();
  private readonly entriesMost: number;
  private sweepAt = SWEEP_SMALLEST;

  constructor(entriesMost = ENTRIES_MOST) {
    this.entriesMost = entriesMost;
  }

  get size(): number {
    return this.entries.size;
  }

  get(id: string): ScopeEntry | undefined {
    return this.entries.get(id);
  }

  add(id: string, limits: RateLimits, nowMs: number): ScopeEntry {
    if (this.entries.size >= Math.min(this.sweepAt, this.entriesMost)) this.sweep(nowMs);
    const entry: ScopeEntry = { levels: undefined, limits, running: 0 };
    this.entries.set(id, entry);
    return entry;
  }

  private sweep(nowMs: number): void {
    for (const [id, entry] of this.entries) {
      if (entry.running === 0 && isFull(entry, nowMs)) this.entries.delete(id);
    }
    if (this.entries.size >= this.entriesMost) this.evictOldest();
    this.sweepAt = Math.max(SWEEP_SMALLEST, this.entries.size * 2);
  }

  /** Forgetting a bucket fills it: the oldest tenth goes rather than memory without bound. What runs is kept. */
  private evictOldest(): void {
    let left = Math.ceil(this.entriesMost / 10);
    for (const [id, entry] of this.entries) {
      if (left === 0) return;
      if (entry.running > 0) continue;
      this.entries.delete(id);
      left -= 1;
    }
  }
}

function isFull({ levels, limits }: ScopeEntry, nowMs: number): boolean {
  if (levels === undefined) return true;
  const now = refill(levels, limits, nowMs);
  return (
    now.requests >= limits.requestsPerMinute &&
    now.inputTokens >= limits.inputTokensPerMinute &&
    now.outputTokens >= limits.outputTokensPerMinute
  );
}
