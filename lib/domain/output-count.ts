import type { DeliveredBytes } from './stream-meter';

/** Where nothing was learned yet: English prose and code average some four bytes a token. */
export const BYTES_PER_TOKEN_DEFAULT = 4;
const BYTES_PER_TOKEN_MIN = 1;
const BYTES_PER_TOKEN_MAX = 12;
/** How much one finished stream moves the ratio: some twenty streams to follow a change. */
const LEARNING_RATE = 0.05;
/** A stream of fewer tokens says little about the ratio. */
const TOKENS_TO_LEARN_FROM = 20;

/** The output tokens of what was delivered of a stream that its client left, rounded down: in doubt, the customer keeps the token. */
export function countOutputTokens(delivered: DeliveredBytes, bytesPerToken: number): number {
  return Math.floor(deliveredBytes(delivered) / bytesPerToken);
}

/** The ratio after another finished stream, whose true output tokens are known. */
export function learnBytesPerToken(bytesPerToken: number, delivered: DeliveredBytes, outputTokens: number): number {
  if (outputTokens < TOKENS_TO_LEARN_FROM) return bytesPerToken;
  const seen = Math.min(BYTES_PER_TOKEN_MAX, Math.max(BYTES_PER_TOKEN_MIN, deliveredBytes(delivered) / outputTokens));
  return bytesPerToken + LEARNING_RATE * (seen - bytesPerToken);
}

function deliveredBytes(delivered: DeliveredBytes): number {
  return delivered.text + delivered.thinking + delivered.json;
}
