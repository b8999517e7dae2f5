import type { Exchange } from './exchange';

/** Answers with JSON bytes that are there whole. */
export function replyBytes(
  { reply, answerHeaders }: Pick<Exchange, 'reply' | 'answerHeaders'>,
  status: number,
  bytes: Buffer,
): void {
  reply.open(status, {
    ...answerHeaders,
    'content-type': 'application/json',
    'content-length': String(bytes.length),
  });
  reply.end(bytes);
}
