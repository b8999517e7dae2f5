import { Redis } from '@upstash/redis';
import type { RedisStore } from './redis-store';

const RETRY_DELAY_MS = 50;
/** The guard gives up after 150 ms; this ends the request itself, so that a hung one holds no socket for ever. */
const REQUEST_TIMEOUT_MS = 2_000;

/**
 * Upstash over REST. Its client's own five retries would take seconds, so there is one, for a kept-alive connection
 * that had been closed. The signal is a function because an aborted plain signal makes the client answer "Aborted" as if
 * it were a result; a function makes it throw.
 */
export class UpstashStore implements RedisStore {
  readonly kind = 'upstash';
  private readonly redis: Redis;

  constructor(config: { url: string; token: string }) {
    this.redis = new Redis({
      url: config.url,
      token: config.token,
      enableTelemetry: false,
      enableAutoPipelining: false,
      retry: { retries: 1, backoff: () => RETRY_DELAY_MS },
      signal: () => AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
  }

  async connect(): Promise<void> {
    await this.redis.ping();
  }

  ping(): Promise<string> {
    return this.redis.ping();
  }

  evalsha(sha1: string, keys: string[], args: string[]): Promise<unknown> {
    return this.redis.evalsha(sha1, keys, args);
  }

  eval(source: string, keys: string[], args: string[]): Promise<unknown> {
    return this.redis.eval(source, keys, args);
  }

  close(): void {
    // Requests end by themselves; there is no connection to close.
  }
}
