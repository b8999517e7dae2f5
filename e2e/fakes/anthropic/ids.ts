import { createHash, randomBytes } from 'node:crypto';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const ID_LENGTH = 22;

function base58(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, ID_LENGTH), (byte) => BASE58.charAt(byte % BASE58.length)).join('');
}

/** A source of ids that gives the same ones in the same order for the same seed. */
export type IdSource = (prefix: string) => string;

export function seededIds(seed: string): IdSource {
  let count = 0;
  return (prefix) => {
    count += 1;
    return `${prefix}01${base58(
      createHash('sha256')
        .update(`${seed}:${String(count)}:${prefix}`)
        .digest(),
    )}`;
  };
}

/** Request ids are the only ones that differ between two identical requests, as they do at the real API. */
export function newRequestId(): string {
  return `req_01${base58(randomBytes(ID_LENGTH))}`;
}

/** A small number, 0 to `below` - 1, that depends on nothing but the seed. */
export function seededNumber(seed: string, below: number): number {
  return createHash('sha256').update(seed).digest().readUInt32BE(0) % below;
}

/** An opaque base64 text such as a signature, of `bytes` bytes, that depends on nothing but the seed. */
export function seededBase64(seed: string, bytes: number): string {
  const parts: Buffer[] = [];
  for (let made = 0; made < bytes; made += 32) {
    parts.push(
      createHash('sha256')
        .update(`${seed}#${String(made)}`)
        .digest(),
    );
  }
  return Buffer.concat(parts).subarray(0, bytes).toString('base64');
}
