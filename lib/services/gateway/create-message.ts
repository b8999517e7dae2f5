import { parseMessagesRequest } from '@/lib/contracts/messages';
import { AppError, ERRORS } from '@/lib/domain/app-error';
import { forwardedHeaders } from '@/lib/domain/forwarded-headers';
import { UpstreamUnreachable } from '@/lib/platform/upstream/anthropic';
import { admitRequest } from './admit-request';
import { answerJson } from './answer-json';
import { answerStream } from './answer-stream';
import { answerUpstreamError } from './answer-upstream-error';
import { EndedUnanswered } from './ended-unanswered';
import { endUncharged } from './end-uncharged';
import type { Exchange } from './exchange';
import { findOffer } from './find-offer';
import type { MessageExchange } from './message-exchange';
import { openUpstream } from './open-upstream';
import { placeMessageHold } from './place-message-hold';
import { LEFT_EARLY_WAIT_MS } from './relay-stream';
import { requireThread } from './require-thread';
import { registerExchange } from './running-exchanges';

/**
 * Serves POST /v1/messages: refuses what can't be served, holds the worst case, passes the answer on byte for byte and
 * charges what was answered before its last event goes out.
 * @throws AppError for every refusal; the door turns it into an answer.
 */
export async function createMessage(exchange: Exchange): Promise<void> {
  const request = parseMessagesRequest(exchange.body);
  exchange.logged['model'] = request.model.slice(0, 100);
  const offer = await findOffer(request.model, exchange.caller, exchange.startedAt);
  await requireThread(request.thread, exchange.caller.accountId);
  const registered = registerExchange();
  try {
    const admitted = await admitRequest(exchange, { inputBytes: request.textBytes, maxTokens: request.maxTokens });
    try {
      await holdAndAnswer({ exchange, request, offer, admitted, stop: registered.stop });
    } finally {
      admitted.release();
    }
  } finally {
    registered.done();
  }
}

async function holdAndAnswer(asked: MessageExchange): Promise<void> {
  const { exchange, request, offer, admitted } = asked;
  const hold = await placeMessageHold(exchange, request, offer).catch((error: unknown) => {
    if (isRefusal(error)) admitted.settle(0, 0);
    // The database went away amid the hold, which may stand all the same: it is given back when the database returns.
    else endUncharged(asked, { ending: 'gateway_failed', status: 503, upstreamRequestId: null });
    throw error;
  });
  const message = { ...asked, request: { ...request, maxTokens: hold.loweredTo ?? request.maxTokens } };
  if (hold.loweredTo !== undefined) exchange.answerHeaders['x-saverouter-max-tokens'] = String(hold.loweredTo);
  try {
    await answer(message, hold.body);
  } catch (error) {
    const ended = endingOf(message, error);
    endUncharged(message, ended);
    throw ended.refusal;
  }
}

/** Whether the ledger itself said no, so that there is no hold. */
function isRefusal(error: unknown): boolean {
  return error instanceof AppError && ERRORS[error.kind].status < 500;
}

async function answer(message: MessageExchange, body: Buffer): Promise<void> {
  const { exchange, request } = message;
  const cancel = new AbortController();
  const uncancel = cancelOnLeave(message, cancel);
  try {
    const upstream = await openUpstream({
      path: exchange.query.get('beta') === 'true' ? '/v1/messages?beta=true' : '/v1/messages',
      headers: forwardedHeaders(exchange.headers),
      body,
      signal: cancel.signal,
    });
    if (upstream.status !== 200) await answerUpstreamError(message, upstream);
    else if (request.stream) await answerStream(message, upstream);
    else await answerJson(message, upstream);
  } finally {
    uncancel();
  }
}

/** A client that left is waited for a little while, for what its input cost; a stopping process waits not at all. */
function cancelOnLeave({ exchange, stop }: MessageExchange, cancel: AbortController): () => void {
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const abort = (): void => cancel.abort();
  stop.addEventListener('abort', abort);
  exchange.reply.onLeft(() => {
    if (!over) timer = setTimeout(abort, LEFT_EARLY_WAIT_MS);
  });
  return () => {
    over = true;
    clearTimeout(timer);
    stop.removeEventListener('abort', abort);
  };
}

/** Names the ending of a request that got no answer, and what its caller is told. */
function endingOf({ exchange, stop }: MessageExchange, error: unknown): EndedUnanswered {
  if (error instanceof EndedUnanswered) return error;
  if (error instanceof UpstreamUnreachable && stop.aborted) {
    return new EndedUnanswered(
      'stopped',
      new AppError(
        'unavailable',
        'This SaveRouter server is restarting. Nothing was charged; send the request again in a second.',
        { headers: { 'retry-after': '1' } },
      ),
    );
  }
  const refusal =
    error instanceof AppError
      ? error
      : new AppError(
          'internal',
          'SaveRouter failed to serve this request. Nothing was charged; retry, and write to support with the request id if it goes on.',
          { cause: error },
        );
  if (exchange.reply.left) return new EndedUnanswered('client_left_early', refusal);
  if (refusal.kind === 'upstream_timeout') return new EndedUnanswered('stalled', refusal);
  return new EndedUnanswered(refusal.kind === 'upstream_unreachable' ? 'upstream_failed' : 'gateway_failed', refusal);
}
