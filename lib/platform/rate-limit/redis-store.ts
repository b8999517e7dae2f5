import type { ScriptClient } from './redis-script';

/** Where the logs of an outage go; the process's log in all but tests. */
export interface OutageLog {
  warn(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
}

/** A Redis that several processes share, reached by TCP or by Upstash's REST. Every call may reject or hang. */
export interface RedisStore extends ScriptClient {
  /** For the log: the kind, never the address, which may carry a password. */
  readonly kind: 'redis' | 'upstash';
  /** Resolves once commands can be sent; rejects when the first try fails. Later tries happen by themselves. */
  connect(): Promise<void>;
  ping(): Promise<unknown>;
  close(): void;
}

/** The address of a plain Redis, or Upstash's; neither means that this process counts alone. */
export type RedisConfig = {
  readonly redisUrl?: string | undefined;
  readonly upstash?: { readonly url: string; readonly token: string } | undefined;
};
