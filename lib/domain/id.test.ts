import { describe, expect, it } from 'vitest';
import { base62FromNumber } from './base62';
import { newId } from './id';

const NOW_MS = Date.UTC(2026, 10, 23);

describe('newId', () => {
  it('carries its kind and is 23 characters of base62 behind it', () => {
    for (const kind of ['req', 'acc', 'key', 'price', 'ins'] as const) {
      expect(newId(kind, NOW_MS)).toMatch(new RegExp(`^${kind}_[0-9A-Za-z]{23}$`));
    }
  });

  it('sorts by time, byte by byte, to the millisecond and across every carry', () => {
    const times = [0, 1, 61, 62, 3_843, 3_844, NOW_MS, NOW_MS + 1, NOW_MS + 61, Date.UTC(2100, 0), Date.UTC(8_000, 0)];
    const ids = times.map((nowMs) => newId('req', nowMs));
    expect([...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))).toEqual(ids);
  });

  it('is never given twice, even within one millisecond', () => {
    const ids = Array.from({ length: 5_000 }, () => newId('req', NOW_MS));
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(ids.map((id) => id.slice(0, 12))).size).toBe(1);
  });
});

describe('base62FromNumber', () => {
  it.each([
    [0, 1, '0'],
    [61, 1, 'z'],
    [62, 2, '10'],
    [0, 8, '00000000'],
    [0x61b39886, 6, '1mvkNa'],
    [0xffffffff, 6, '4gfFC3'],
  ])('writes %d in %d characters as %s', (value, length, text) => {
    expect(base62FromNumber(value, length)).toBe(text);
  });
});
