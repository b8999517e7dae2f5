import type { OutageLog, RedisStore } from './redis-store';

/** A Redis on the same network answers in under a millisecond and Upstash in tens; beyond this a request is better off without. */
const SLOW_MS = 150;
/** The very first connection may take a TLS handshake and a script's compilation. */
const FIRST_CONNECT_MS = 1_000;
const PAUSE_MS = 2_000;
const LOGGED_CHARACTERS = 200;

type GuardOptions = { what: string; log: OutageLog; slowMs?: number | undefined; onRecovery?: () => void };

/**
 * Stands between requests and a Redis that may be dead, slow or failing. The first failure is the last that a request
 * waits for: from then on callers are told at once to do without, and a ping in the background, every two seconds
 * while there are callers, finds out when Redis is back. One line in the log for each outage, one for its end.
 */
export class OutageGuard {
  private readonly store: RedisStore;
  private readonly options: GuardOptions;
  private readonly slowMs: number;
  private connecting: Promise<void> | null;
  private down = false;
  private probing = false;
  private nextProbeMs = 0;
  /** Counts outages, so that a call from before one can't report another. */
  private outages = 0;

  constructor(store: RedisStore, options: GuardOptions) {
    this.store = store;
    this.options = options;
    this.slowMs = options.slowMs ?? SLOW_MS;
    this.connecting = this.firstConnect();
  }

  /**
   * Does `call` and resolves to its result, or to null when Redis is away, fails or is too slow; never rejects. A result
   * that comes after null was given goes to `onLate`, which can undo it.
   */
  async run<T>(call: () => Promise<T>, onLate?: (result: T) => void): Promise<T | null> {
    if (this.connecting !== null) await this.connecting;
    if (this.down) {
      this.probe();
      return null;
    }
    const outages = this.outages;
    let gaveUp = false;
    const calling = call();
    void calling.then(
      (result) => {
        if (gaveUp) onLate?.(result);
      },
      () => undefined,
    );
    try {
      return await within(calling, this.slowMs);
    } catch (error) {
      gaveUp = true;
      if (outages === this.outages) this.goDown(error);
      return null;
    }
  }

  private async firstConnect(): Promise<void> {
    try {
      await within(this.store.connect(), FIRST_CONNECT_MS);
    } catch (error) {
      this.goDown(error);
    } finally {
      this.connecting = null;
    }
  }

  private probe(): void {
    if (this.probing || Date.now() < this.nextProbeMs) return;
    this.probing = true;
    void this.ping();
  }

  private async ping(): Promise<void> {
    try {
      await within(this.store.ping(), this.slowMs);
      this.down = false;
      this.options.log.info({ store: this.store.kind }, `${this.options.what}: Redis answers again`);
      this.options.onRecovery?.();
    } catch {
      this.nextProbeMs = Date.now() + PAUSE_MS;
    } finally {
      this.probing = false;
    }
  }

  private goDown(error: unknown): void {
    if (this.down) return;
    this.down = true;
    this.outages += 1;
    this.nextProbeMs = Date.now() + PAUSE_MS;
    const reason = error instanceof Error ? error.message.slice(0, LOGGED_CHARACTERS) : 'unknown';
    this.options.log.warn(
      { store: this.store.kind, reason },
      `${this.options.what}: Redis is away; this process counts alone until it is back`,
    );
  }
}

/**
 * Rejects when the promise takes longer. The last look is a turn of the event loop after the timer, so that an answer
 * which had come while this process was busy counts as one.
 */
function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      setImmediate(() => {
        reject(new Error(`no answer within ${timeoutMs} ms`));
      });
    }, timeoutMs);
    void promise.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
