import type { AttemptLimit, AttemptLimiter, AttemptResult } from './attempt-limiter';

/** Whoever can change the address they come from must not fill the memory: the oldest are forgotten. */
const IDENTIFIERS_MOST = 50_000;

type Counter = { window: number; current: number; previous: number };

/**
 * A sliding window in this process, by the arithmetic of @upstash/ratelimit: this window's count and the share of the
 * previous one that still overlaps the last `windowMs`.
 */
export class MemoryAttemptLimiter implements AttemptLimiter {
  private readonly limit: AttemptLimit;
  private readonly now: () => number;
  private readonly identifiersMost: number;
  private readonly counters = new Map<string, Counter>();

  constructor(limit: AttemptLimit, options: { now?: () => number; identifiersMost?: number } = {}) {
    this.limit = limit;
    this.now = options.now ?? Date.now;
    this.identifiersMost = options.identifiersMost ?? IDENTIFIERS_MOST;
  }

  attempt(identifier: string): Promise<AttemptResult> {
    const { attempts, windowMs } = this.limit;
    const nowMs = this.now();
    const counter = this.counterOf(identifier, Math.floor(nowMs / windowMs));
    const overlapping = Math.floor((1 - (nowMs % windowMs) / windowMs) * counter.previous);
    const allowed = overlapping + counter.current < attempts;
    if (allowed) counter.current += 1;
    return Promise.resolve({
      allowed,
      remaining: Math.max(0, attempts - overlapping - counter.current),
      retryAfterMs: allowed ? 0 : windowMs - (nowMs % windowMs),
    });
  }

  close(): void {
    this.counters.clear();
  }

  /** How many identifiers are remembered. */
  get size(): number {
    return this.counters.size;
  }

  /** The identifier's counter, moved to this window. Those that count again go last, so that the first are the idlest. */
  private counterOf(identifier: string, window: number): Counter {
    const found = this.counters.get(identifier);
    if (found?.window === window) return found;
    const previous = found?.window === window - 1 ? found.current : 0;
    const counter = { window, current: 0, previous };
    this.counters.delete(identifier);
    this.counters.set(identifier, counter);
    this.forgetIdle(window);
    return counter;
  }

  /** Drops at most two a call: those whose windows are over, and the idlest where there are too many. */
  private forgetIdle(window: number): void {
    let dropped = 0;
    for (const [identifier, counter] of this.counters) {
      const over = counter.window < window - 1;
      if (dropped === 2 || !(over || this.counters.size > this.identifiersMost)) return;
      this.counters.delete(identifier);
      dropped += 1;
    }
  }
}
