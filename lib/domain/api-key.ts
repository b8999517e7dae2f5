import { createHmac, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { base62FromNumber, base62FromRandom } from './base62';

/**
 * `sk-sr-v1-` + 43 base62 characters (256 bits) + the base62 CRC32 of all before it. The checksum lets a typo, or a string
 * that a secret scanner found, be told from a key without asking the database.
 */
const KEY_PREFIX = 'sk-sr-v1-';
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const KEY_PATTERN = /^sk-sr-v1-[0-9A-Za-z]{49}$/;

/** Makes a new key from the system's randomness. It is shown once and stored only as its hash. */
export function generateApiKey(): string {
  let secret = '';
  while (secret.length < SECRET_LENGTH) secret += base62FromRandom(randomBytes(SECRET_LENGTH));
  const body = KEY_PREFIX + secret.slice(0, SECRET_LENGTH);
  return body + checksum(body);
}

/** Whether a text has a key's shape and its checksum fits. Says nothing about whether the key exists. */
export function isWellFormedApiKey(text: string): boolean {
  return KEY_PATTERN.test(text) && text.endsWith(checksum(text.slice(0, -CHECKSUM_LENGTH)));
}

/** Whether a text is meant to be a key of ours, well-formed or not: it decides which error a bad credential gets. */
export function looksLikeApiKey(text: string): boolean {
  return text.startsWith('sk-sr-');
}

/** HMAC-SHA256 of the whole key under the pepper: what the database stores and looks up. 32 bytes. */
export function hashApiKey(key: string, pepper: Uint8Array): Buffer {
  return createHmac('sha256', pepper).update(key).digest();
}

/** What a list may show of a key: its first characters and its last four. */
export function maskApiKey(key: string): { prefix: string; lastFour: string } {
  return { prefix: key.slice(0, KEY_PREFIX.length + 3), lastFour: key.slice(-4) };
}

function checksum(body: string): string {
  return base62FromNumber(crc32(body), CHECKSUM_LENGTH);
}
