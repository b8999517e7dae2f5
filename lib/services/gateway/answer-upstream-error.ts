import { readUpstreamError } from '@/lib/domain/upstream-error';
import { log } from '@/lib/platform/log';
import type { UpstreamAnswer } from '@/lib/platform/upstream/anthropic';
import { EndedUnanswered } from './ended-unanswered';
import { endUncharged } from './end-uncharged';
import type { MessageExchange } from './message-exchange';
import { ERROR_BYTES_MAX, readAnswer } from './read-answer';
import { upstreamRequestId } from './upstream-request-id';

/**
 * Answers what the upstream refused: word for word where it is about the caller's request.
 * @throws EndedUnanswered where the answer is to be in our own words.
 */
export async function answerUpstreamError(message: MessageExchange, upstream: UpstreamAnswer): Promise<void> {
  const { exchange } = message;
  const { requestId } = exchange;
  const read = await readAnswer(upstream.body, ERROR_BYTES_MAX);
  const retryAfter = upstream.headers['retry-after'];
  const refusal = readUpstreamError(
    upstream.status,
    'bytes' in read ? read.bytes : Buffer.alloc(0),
    typeof retryAfter === 'string' ? retryAfter : undefined,
    requestId,
  );
  if (!refusal.passOn) {
    if (refusal.alarm)
      log.error(
        { requestId, status: upstream.status, err: refusal.error },
        "the upstream refused the operator's credential, balance or limits",
      );
    throw new EndedUnanswered('refused', refusal.error, upstreamRequestId(upstream));
  }
  endUncharged(message, { ending: 'refused', status: refusal.status, upstreamRequestId: upstreamRequestId(upstream) });
  exchange.reply.open(refusal.status, {
    ...exchange.answerHeaders,
    'content-type': 'application/json',
    'content-length': String(refusal.body.length),
  });
  exchange.reply.end(refusal.body);
}
