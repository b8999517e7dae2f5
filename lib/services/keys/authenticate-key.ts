import { hashApiKey } from '@/lib/domain/api-key';
import { AppError } from '@/lib/domain/app-error';
import { findCredentials, type Credentials } from '@/lib/domain/credentials';
import type { IncomingHeaders } from '@/lib/domain/forwarded-headers';
import { env } from '@/lib/platform/env';
import { findKeyByHash, type KeyRecord } from '@/lib/platform/key-store';
import { onNotice } from '@/lib/platform/notices';
import { once } from '@/lib/platform/once';

/** Whoever a request acts for: a key that is valid now, and its account. */
export type Caller = KeyRecord;

/** How long a revocation can go unseen when its notice is lost. */
const CACHE_MS = 10_000;
const UNKNOWN_CACHE_MS = 5_000;
const CACHE_ENTRIES_MAX = 10_000;

type Entry = { record: KeyRecord | undefined; readAtMs: number };

/**
 * Finds the caller of a request from its headers: shape and checksum offline, then a bounded cache of ten seconds that
 * NOTIFY empties, then one indexed read.
 * @throws AppError unauthenticated when there is no valid key, forbidden for a key sent as Bearer or a suspended account.
 */
export async function authenticateKey(headers: IncomingHeaders): Promise<Caller> {
  const credentials = findCredentials({
    apiKey: headers['x-api-key'],
    authorization: headers['authorization'],
    version: headers['anthropic-version'],
  });
  if (!('key' in credentials)) throw refusal(credentials.refused);
  const record = await findKey(hashApiKey(credentials.key, env().KEY_PEPPER));
  // One answer for unknown, revoked, disabled and expired keys: what a stranger may not know he can't learn here.
  if (!record || record.revoked || record.disabled || (record.expiresAt && record.expiresAt <= new Date()))
    throw invalidKey();
  if (record.suspended) {
    throw new AppError(
      'forbidden',
      'This SaveRouter account is suspended. Write to support with your request id.',
      NOT_RETRIED,
    );
  }
  return record;
}

async function findKey(hash: Buffer): Promise<KeyRecord | undefined> {
  const cache = keyCache();
  const id = hash.toString('hex');
  const cached = cache.get(id);
  const nowMs = Date.now();
  if (cached && nowMs - cached.readAtMs < (cached.record ? CACHE_MS : UNKNOWN_CACHE_MS)) return cached.record;
  // The entry stands, as stale, before the read starts: a notice that comes meanwhile removes it, and the read is not kept.
  const entry: Entry = { record: undefined, readAtMs: 0 };
  cache.delete(id);
  cache.set(id, entry);
  if (cache.size > CACHE_ENTRIES_MAX) dropOldest(cache);
  try {
    entry.record = await findKeyByHash(hash);
    entry.readAtMs = nowMs;
    return entry.record;
  } catch (error) {
    cache.delete(id);
    throw error;
  }
}

function keyCache(): Map<string, Entry> {
  return once('key-cache', () => {
    const cache = new Map<string, Entry>();
    onNotice('key_changed', (hash) => {
      if (hash === null) cache.clear();
      else cache.delete(hash);
    });
    onNotice('account_changed', () => cache.clear());
    return cache;
  });
}

/** A Map keeps insertion order, and an entry is set anew with each read: the first is the one read longest ago. */
function dropOldest(cache: Map<string, Entry>): void {
  const [oldest] = cache.keys();
  if (oldest !== undefined) cache.delete(oldest);
}

const NOT_RETRIED = { headers: { 'x-should-retry': 'false' } };

function invalidKey(): AppError {
  return new AppError(
    'unauthenticated',
    'invalid x-api-key: this SaveRouter key is unknown, expired, disabled or revoked. Check that it was copied whole, or make a new one in the dashboard.',
    NOT_RETRIED,
  );
}

function refusal(reason: Extract<Credentials, { refused: string }>['refused']): AppError {
  switch (reason) {
    case 'missing':
      return new AppError(
        'unauthenticated',
        'x-api-key header is required: send your SaveRouter key (sk-sr-v1-…) in the x-api-key header.',
        NOT_RETRIED,
      );
    case 'malformed':
      return new AppError(
        'unauthenticated',
        'invalid x-api-key: this is no SaveRouter key. Keys begin with sk-sr-v1- and have 58 characters; check that yours was copied whole.',
        NOT_RETRIED,
      );
    case 'bearer':
      return new AppError(
        'forbidden',
        'A SaveRouter key sent as "Authorization: Bearer" is refused with this anthropic-version. Send it in the x-api-key header instead, or use anthropic-version 2026-10-21 (an official SDK from October 2026 on).',
        NOT_RETRIED,
      );
    case 'foreign_bearer':
      return new AppError(
        'forbidden',
        'This Bearer token is not a SaveRouter key. Send your sk-sr-v1-… key in the x-api-key header.',
        NOT_RETRIED,
      );
  }
}
