import type { Exchange } from './exchange';

/** Answers with a JSON value of our own. */
export function replyJson({ reply, answerHeaders }: Exchange, value: unknown): void {
  const bytes = Buffer.from(JSON.stringify(value));
  reply.open(200, { ...answerHeaders, 'content-type': 'application/json', 'content-length': String(bytes.length) });
  reply.end(bytes);
}
