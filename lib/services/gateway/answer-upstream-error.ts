import type { UpstreamAnswer } from '@/lib/platform/upstream/anthropic';
import { EndedUnanswered } from './ended-unanswered';
import { endUncharged } from './end-uncharged';
import type { MessageExchange } from './message-exchange';
import { readRefusal } from './read-refusal';
import { replyBytes } from './reply-bytes';
import { upstreamRequestId } from './upstream-request-id';

/**
 * Answers what the upstream refused: word for word where it is about the caller's request.
 * @throws EndedUnanswered where the answer is to be in our own words.
 */
export async function answerUpstreamError(message: MessageExchange, upstream: UpstreamAnswer): Promise<void> {
  const { exchange } = message;
  const upstreamId = upstreamRequestId(upstream);
  const refusal = await readRefusal(upstream, exchange.requestId);
  if (!refusal.passOn) throw new EndedUnanswered('refused', refusal.error, upstreamId);
  endUncharged(message, { ending: 'refused', status: refusal.status, upstreamRequestId: upstreamId });
  replyBytes(exchange, refusal.status, refusal.body);
}
