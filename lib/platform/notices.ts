import pg from 'pg';
import { env } from './env';
import { log } from './log';
import { once } from './once';

export type Channel = 'key_changed' | 'account_changed' | 'price_book_changed';

/** Told the notice's payload, or null when notices may have been lost: forget everything then. */
type Listener = (payload: string | null) => void;

const CHANNELS: readonly Channel[] = ['key_changed', 'account_changed', 'price_book_changed'];
const RECONNECT_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** Calls `listener` for each NOTIFY on a channel, over one connection per process that comes back by itself. */
export function onNotice(channel: Channel, listener: Listener): void {
  const listeners = once('notices', () => {
    const made = new Map<Channel, Listener[]>();
    void listen(made);
    return made;
  });
  listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
}

async function listen(listeners: Map<Channel, Listener[]>): Promise<void> {
  const tellAll = (): void => {
    for (const group of listeners.values()) for (const listener of group) listener(null);
  };
  const client = new pg.Client({
    connectionString: env().DATABASE_URL,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'saverouter-notices',
  });
  let over = false;
  const again = (): void => {
    if (over) return;
    over = true;
    client.removeAllListeners();
    client.on('error', () => undefined);
    void client.end().catch(() => undefined);
    tellAll();
    setTimeout(() => void listen(listeners), RECONNECT_MS).unref();
  };
  client.on('error', again);
  client.on('end', again);
  client.on('notification', ({ channel, payload }) => {
    for (const listener of listeners.get(channel as Channel) ?? []) listener(payload ?? '');
  });
  try {
    await client.connect();
    for (const channel of CHANNELS) await client.query(`LISTEN ${channel}`);
    tellAll();
  } catch (error) {
    log.warn({ err: error }, 'could not listen for changes of keys and prices; caches expire by themselves meanwhile');
    again();
  }
}
