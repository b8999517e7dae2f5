import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import type { RedisStore } from './redis-store';

const CONNECT_TIMEOUT_MS = 2_000;
/** A connection that answers nothing for this long is cut and made anew; the guard has given up on it long before. */
const SOCKET_TIMEOUT_MS = 5_000;
const RECONNECT_LARGEST_MS = 2_000;

/**
 * A plain Redis over TCP. No command waits for a connection and none is sent twice: a caller would rather count in its
 * own process than wait. Since 2.1 the scripts of @upstash/ratelimit begin with a line that Upstash alone understands
 * (`#!lua flags=allow-key-locking`; Redis answers "Unexpected flag in script shebang"), so that line is left out, and
 * the name of each script is mapped to that of the shortened one.
 */
export class IoredisStore implements RedisStore {
  readonly kind = 'redis';
  private readonly redis: Redis;
  private readonly shortened = new Map<string, string>();

  constructor(url: string) {
    this.redis = openRedis(url);
  }

  async connect(): Promise<void> {
    await this.redis.connect();
  }

  ping(): Promise<string> {
    return this.redis.ping();
  }

  evalsha(sha1: string, keys: string[], args: readonly unknown[]): Promise<unknown> {
    return this.redis.evalsha(this.shortened.get(sha1) ?? sha1, keys.length, ...keys, ...args.map(String));
  }

  eval(source: string, keys: string[], args: readonly unknown[]): Promise<unknown> {
    const plain = withoutShebang(source);
    if (plain !== source) this.shortened.set(sha1Of(source), sha1Of(plain));
    return this.redis.eval(plain, keys.length, ...keys, ...args.map(String));
  }

  close(): void {
    this.redis.disconnect();
  }
}

/** Opens a client that fails fast; it connects when `connect` is called and reconnects by itself from then on. */
export function openRedis(url: string): Redis {
  const redis = new Redis(url, {
    lazyConnect: true,
    protocol: 2,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    disableClientInfo: true,
    retryStrategy: (attempt) => Math.min(attempt * 100, RECONNECT_LARGEST_MS),
    // After a failover the old primary refuses writes: only a new connection finds the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
  // Every failed command rejects as well, and the guard logs that once; unheard, this event would end the process.
  redis.on('error', () => undefined);
  return redis;
}

/** The script without its first line where that is a shebang. */
export function withoutShebang(source: string): string {
  return source.replace(/^#!lua[^\n]*\n/, '');
}

function sha1Of(source: string): string {
  return createHash('sha1').update(source).digest('hex');
}
