import { seededBase64 } from './ids';
import { textOf, type JsonObject } from './json';

/** Signatures of the stand-in begin with this, so that it knows its own and can tell when one was altered. */
const MARK = 'EqStandIn';
const SIGNATURE_BYTES = 96;
const MIN_LENGTH = 8;

export function signThinking(thinking: string): string {
  return MARK + seededBase64(`thinking:${thinking}`, SIGNATURE_BYTES);
}

/** Its own signatures must be of that very text, or of thinking that was withheld; foreign ones must look like one. */
export function isValidSignature(block: JsonObject): boolean {
  const signature = textOf(block['signature']);
  if (signature.startsWith(MARK)) return signature === signThinking(textOf(block['thinking']));
  return signature.length >= MIN_LENGTH && /^[A-Za-z0-9+/_-]+={0,2}$/.test(signature);
}
