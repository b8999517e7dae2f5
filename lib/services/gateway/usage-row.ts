import type { MessagesRequest } from '@/lib/contracts/messages';
import { chargeFor, type Answered } from '@/lib/domain/charge';
import type { UsageRow } from '@/lib/platform/ledger-store';
import { log } from '@/lib/platform/log';
import { UPSTREAM_NAME } from '@/lib/platform/upstream/anthropic';
import type { Exchange } from './exchange';
import type { Offer } from './find-offer';
import { outputRatios } from './output-ratios';

/** What is known when a request has ended, beyond what was answered. */
export type Ended = Omit<Answered, 'outputTokensMax'> & {
  /** The HTTP status that the client got, or would have got. */
  status: number;
  upstreamRequestId: string | null;
  firstByteMs: number | null;
};

/** The usage row of a request that has ended, with its charge by the table of endings. Rings for the operator where a rule was missing. */
export function usageRow(exchange: Exchange, request: MessagesRequest, offer: Offer, ended: Ended): UsageRow {
  const charge = chargeFor(
    offer.book,
    offer.model.id,
    { ...ended, outputTokensMax: request.maxTokens },
    outputRatios().bytesPerToken(offer.model.id),
    exchange.startedAt,
  );
  if (charge.flags.length > 0)
    log.error(
      { requestId: exchange.requestId, flags: charge.flags },
      'a usage was charged by the nearest rule: check the price book',
    );
  if (charge.forgivenNano > 0n)
    log.warn(
      { requestId: exchange.requestId, forgivenNano: charge.forgivenNano.toString() },
      'an answer broke and is not charged',
    );
  const { usage } = charge;
  return {
    requestId: exchange.requestId,
    createdAt: exchange.startedAt,
    accountId: exchange.caller.accountId,
    keyId: exchange.caller.keyId,
    model: offer.model.id,
    servedModel: ended.servedModel,
    upstream: UPSTREAM_NAME,
    upstreamRequestId: ended.upstreamRequestId,
    stream: request.stream,
    status: ended.status,
    ending: ended.ending,
    settledFrom: charge.settledFrom,
    stopReason: ended.stopReason,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    cacheWrite5mTokens: usage.cacheWrite5mTokens,
    cacheWrite1hTokens: usage.cacheWrite1hTokens,
    cacheReadTokens: usage.cacheReadTokens,
    webSearchRequests: usage.webSearchRequests,
    amountNano: charge.amountNano,
    forgivenNano: charge.forgivenNano,
    receipt: charge.lines,
    flags: charge.flags,
    firstByteMs: ended.firstByteMs === null ? null : Math.round(ended.firstByteMs),
    durationMs: Math.round(performance.now() - exchange.startedAtMs),
  };
}
