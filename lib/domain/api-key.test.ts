import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateApiKey, hashApiKey, isWellFormedApiKey, looksLikeApiKey, maskApiKey } from './api-key';
import { base62FromRandom } from './base62';

/** Worked out apart from this code: the CRC32 of what stands before it is 61b39886. */
const ZERO_KEY = 'sk-sr-v1-00000000000000000000000000000000000000000001mvkNa';
const SAMPLE_KEY = 'sk-sr-v1-4Hq8Zr1tKxV0bNcY7uWmJdEa2SgPo5LfQi3RhTzXvBw1ZmBbt';
const SAMPLE_HASH = 'f892d44c0419e8b7c34421d2a67becfd37916c313ab5767468b10d45d44a021d';
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('isWellFormedApiKey', () => {
  it('accepts the known keys', () => {
    expect(isWellFormedApiKey(ZERO_KEY)).toBe(true);
    expect(isWellFormedApiKey(SAMPLE_KEY)).toBe(true);
  });

  it('catches every typo of one character', () => {
    for (let at = 0; at < SAMPLE_KEY.length; at += 1) {
      for (const other of '0Zz-_ ') {
        if (other === SAMPLE_KEY[at]) continue;
        expect(isWellFormedApiKey(SAMPLE_KEY.slice(0, at) + other + SAMPLE_KEY.slice(at + 1))).toBe(false);
      }
    }
  });

  it('catches every pair of neighbours that changed places', () => {
    for (let at = 9; at + 1 < SAMPLE_KEY.length; at += 1) {
      const [left = '', right = ''] = SAMPLE_KEY.slice(at, at + 2);
      if (left === right) continue;
      expect(isWellFormedApiKey(SAMPLE_KEY.slice(0, at) + right + left + SAMPLE_KEY.slice(at + 2))).toBe(false);
    }
  });

  it.each([
    ['nothing', ''],
    ['a key cut short', SAMPLE_KEY.slice(0, -1)],
    ['a key with a character more', `${SAMPLE_KEY}0`],
    ['a line end behind it', `${SAMPLE_KEY}\n`],
    ['space around it', ` ${SAMPLE_KEY}`],
    ['another version', SAMPLE_KEY.replace('v1', 'v2')],
    ['upper case', SAMPLE_KEY.replace('sk-sr', 'SK-SR')],
    ['letters that only look the same', SAMPLE_KEY.replace('H', 'Н')],
    ['an upstream key', 'sk-ant-api03-abcdefghijklmnop'],
  ])('refuses %s', (_what, text) => {
    expect(isWellFormedApiKey(text)).toBe(false);
  });

  it('refuses any text that is not a key', () => {
    fc.assert(fc.property(fc.string(), (text) => !isWellFormedApiKey(text)));
  });
});

describe('generateApiKey', () => {
  const keys = Array.from({ length: 500 }, generateApiKey);

  it('makes well-formed keys of 58 characters, no two alike', () => {
    for (const key of keys) {
      expect(key).toMatch(/^sk-sr-v1-[0-9A-Za-z]{49}$/);
      expect(isWellFormedApiKey(key)).toBe(true);
    }
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('uses the whole alphabet in its secret part', () => {
    const used = new Set(keys.flatMap((key) => Array.from(key.slice(9, 52))));
    expect([...used].toSorted().join('')).toBe(ALPHABET);
  });
});

describe('base62FromRandom', () => {
  it('makes every character equally likely', () => {
    const text = base62FromRandom(Uint8Array.from({ length: 256 }, (_, byte) => byte));
    expect(text).toHaveLength(248);
    for (const character of ALPHABET) expect(text.split(character)).toHaveLength(5);
  });
});

describe('hashApiKey', () => {
  it('is the HMAC-SHA256 of the whole key under the pepper', () => {
    expect(hashApiKey(SAMPLE_KEY, new Uint8Array(32)).toString('hex')).toBe(SAMPLE_HASH);
  });

  it('differs with the pepper, so that a stolen table confirms no key', () => {
    expect(hashApiKey(SAMPLE_KEY, new Uint8Array(32).fill(1)).toString('hex')).not.toBe(SAMPLE_HASH);
  });
});

describe('maskApiKey', () => {
  it('shows no more than the first twelve and the last four characters', () => {
    expect(maskApiKey(SAMPLE_KEY)).toEqual({ prefix: 'sk-sr-v1-4Hq', lastFour: 'mBbt' });
  });
});

describe('looksLikeApiKey', () => {
  it('tells a damaged key of ours from a foreign one', () => {
    expect(looksLikeApiKey('sk-sr-v1-short')).toBe(true);
    expect(looksLikeApiKey('sk-ant-api03-abc')).toBe(false);
    expect(looksLikeApiKey('')).toBe(false);
  });
});
