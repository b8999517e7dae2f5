import { randomBytes } from 'node:crypto';
import { base62FromNumber, base62FromRandom } from './base62';

export type IdKind = 'req' | 'acc' | 'key' | 'price' | 'ins';

const RANDOM_LENGTH = 15;
/** Eight base62 characters hold milliseconds until the year 8888. */
const TIME_LENGTH = 8;

/**
 * Makes an id that carries its kind and sorts by time, so that indexes grow at one end: kind, `_`, 8 characters of
 * `nowMs` and 15 random ones (89 bits).
 */
export function newId(kind: IdKind, nowMs: number): string {
  let random = '';
  while (random.length < RANDOM_LENGTH) random += base62FromRandom(randomBytes(RANDOM_LENGTH + 2));
  return `${kind}_${base62FromNumber(nowMs, TIME_LENGTH)}${random.slice(0, RANDOM_LENGTH)}`;
}
