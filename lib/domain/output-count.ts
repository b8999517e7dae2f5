import type { DeliveredBytes } from './stream-meter';

/** Where nothing was learned yet: English prose and code average some four bytes a token. */
export const BYTES_PER_TOKEN_DEFAULT = 4;
/** What text of every script takes; a customer's odd streams must not move what others are charged for theirs. */
const BYTES_PER_TOKEN_MIN = 2.5;
const BYTES_PER_TOKEN_MAX = 6;
/** How much one finished stream moves the ratio: some twenty streams to follow a change. */
const LEARNING_RATE = 0.05;
/** A stream of fewer tokens says little about the ratio. */
const TOKENS_TO_LEARN_FROM = 20;

/** The output tokens of what was delivered of a stream that its client left, rounded down: in doubt, the customer keeps the token. */
export function countOutputTokens(delivered: DeliveredBytes, bytesPerToken: number): number {
  return Math.floor(deliveredBytes(delivered) / bytesPerToken);
}

/**
 * The ratio after another finished stream, whose true output tokens are known. Thinking is left out on both sides: it may
 * be summarised or withheld, so that its bytes say little of its tokens.
 */
export function learnBytesPerToken(
  bytesPerToken: number,
  delivered: DeliveredBytes,
  outputTokens: number,
  thinkingTokens: number,
): number {
  const tokens = outputTokens - thinkingTokens;
  // Written so that a count which is no number teaches nothing.
  if (!(tokens >= TOKENS_TO_LEARN_FROM)) return bytesPerToken;
  const bytes = delivered.text + delivered.json;
  const seen = Math.min(BYTES_PER_TOKEN_MAX, Math.max(BYTES_PER_TOKEN_MIN, bytes / tokens));
  return bytesPerToken + LEARNING_RATE * (seen - bytesPerToken);
}

function deliveredBytes(delivered: DeliveredBytes): number {
  return delivered.text + delivered.thinking + delivered.json;
}
