const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** The largest multiple of 62 that a byte holds: bytes at or above it are thrown away, so that no character is likelier. */
const UNBIASED_BYTE_LIMIT = 248;

/** Turns random bytes into base62 characters without bias; may give fewer characters than bytes. */
export function base62FromRandom(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) if (byte < UNBIASED_BYTE_LIMIT) text += ALPHABET.charAt(byte % 62);
  return text;
}

/** Writes a non-negative integer in base62, left-padded with `0` to `length` characters. */
export function base62FromNumber(value: number, length: number): string {
  let text = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62)) text = ALPHABET.charAt(rest % 62) + text;
  return text.padStart(length, '0');
}
