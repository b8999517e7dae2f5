import os from 'node:os';
import { AppError } from '@/lib/domain/app-error';
import { once } from '@/lib/platform/once';

/** A quarter of the machine for all bodies that are being read or served, and a bound for what one key may have of it. */
const TOTAL_BYTES_MAX = Math.max(256 * 1024 * 1024, Math.floor(os.totalmem() / 4));
const KEY_BYTES_MAX = Math.min(512 * 1024 * 1024, Math.floor(TOTAL_BYTES_MAX / 2));

/** What this process keeps of request bodies, so that uploads cannot fill its memory. */
export class BodyBudget {
  readonly #byKey = new Map<string, number>();
  readonly #limits: { total: number; key: number };
  #total = 0;

  constructor(limits = { total: TOTAL_BYTES_MAX, key: KEY_BYTES_MAX }) {
    this.#limits = limits;
  }

  /** Counts bytes in. @throws AppError rate_limited or unavailable when there is no room for them. */
  take(keyId: string, bytes: number): void {
    const ofKey = (this.#byKey.get(keyId) ?? 0) + bytes;
    if (ofKey > this.#limits.key) {
      throw new AppError(
        'rate_limited',
        'Too many large request bodies at once with this key. Wait for some to be answered, then send this one again.',
        { headers: { 'retry-after': '2' } },
      );
    }
    if (this.#total + bytes > this.#limits.total) {
      throw new AppError(
        'unavailable',
        'SaveRouter is busy with large request bodies. Nothing was charged; send the request again in a few seconds.',
        { headers: { 'retry-after': '2' } },
      );
    }
    this.#byKey.set(keyId, ofKey);
    this.#total += bytes;
  }

  /** Counts bytes out again. */
  release(keyId: string, bytes: number): void {
    const ofKey = (this.#byKey.get(keyId) ?? 0) - bytes;
    if (ofKey > 0) this.#byKey.set(keyId, ofKey);
    else this.#byKey.delete(keyId);
    this.#total -= bytes;
  }
}

/** The budget of this process, which both doors share. */
export function bodyBudget(): BodyBudget {
  return once('body-budget', () => new BodyBudget());
}
