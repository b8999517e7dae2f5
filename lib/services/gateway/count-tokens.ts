import { parseCountTokensRequest } from '@/lib/contracts/messages';
import { AppError } from '@/lib/domain/app-error';
import { forwardedHeaders } from '@/lib/domain/forwarded-headers';
import { UpstreamUnreachable, type UpstreamAnswer } from '@/lib/platform/upstream/anthropic';
import { admitRequest } from './admit-request';
import { malformed } from './answer-json';
import type { Exchange } from './exchange';
import { findOffer } from './find-offer';
import { openUpstream } from './open-upstream';
import { ERROR_BYTES_MAX, readAnswer } from './read-answer';
import { readRefusal } from './read-refusal';
import { replyBytes } from './reply-bytes';
import { requireThread } from './require-thread';
import { registerExchange } from './running-exchanges';

/**
 * Serves POST /v1/messages/count_tokens: the upstream's own count, free, and served at a zero balance.
 * @throws AppError for every refusal.
 */
export async function countTokens(exchange: Exchange): Promise<void> {
  const request = parseCountTokensRequest(exchange.body);
  exchange.logged['model'] = request.model.slice(0, 100);
  await findOffer(request.model, exchange.caller, exchange.startedAt);
  await requireThread(request.thread, exchange.caller.accountId);
  const registered = registerExchange();
  try {
    const admitted = await admitRequest(exchange, { inputBytes: 0, maxTokens: 0 });
    await count(exchange, registered.stop).finally(() => {
      admitted.settle(0, 0);
      admitted.release();
    });
  } finally {
    registered.done();
  }
}

async function count(exchange: Exchange, stop: AbortSignal): Promise<void> {
  const cancel = new AbortController();
  const abort = (): void => {
    cancel.abort();
  };
  stop.addEventListener('abort', abort);
  exchange.reply.onLeft(abort);
  try {
    const upstream = await openUpstream({
      path: exchange.query.get('beta') === 'true' ? '/v1/messages/count_tokens?beta=true' : '/v1/messages/count_tokens',
      headers: forwardedHeaders(exchange.headers),
      body: exchange.body,
      signal: cancel.signal,
    });
    await answer(exchange, upstream);
  } catch (error) {
    if (!(error instanceof UpstreamUnreachable)) throw error;
    throw new AppError(
      'upstream_unreachable',
      'The model provider cannot be reached just now. Retry with exponential backoff.',
      { cause: error },
    );
  }
}

async function answer(exchange: Exchange, upstream: UpstreamAnswer): Promise<void> {
  if (upstream.status !== 200) {
    const refusal = await readRefusal(upstream, exchange.requestId);
    if (!refusal.passOn) throw refusal.error;
    replyBytes(exchange, refusal.status, refusal.body);
    return;
  }
  const read = await readAnswer(upstream.body, ERROR_BYTES_MAX);
  if (!('bytes' in read)) throw malformed();
  replyBytes(exchange, upstream.status, read.bytes);
}
