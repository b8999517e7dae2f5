import { AppError } from '@/lib/domain/app-error';
import { asObject, asText, isObject, parseUsage, uncachedInputTokens, type UsageJson } from '@/lib/domain/usage';
import type { UpstreamAnswer } from '@/lib/platform/upstream/anthropic';
import { EndedUnanswered } from './ended-unanswered';
import type { MessageExchange } from './message-exchange';
import { ANSWER_BYTES_MAX, readAnswer, type ReadAnswer } from './read-answer';
import { replyBytes } from './reply-bytes';
import { settleLater } from './settle-later';
import { settleNow } from './settle-now';
import { upstreamRequestId } from './upstream-request-id';
import { usageRow } from './usage-row';

/**
 * Answers with a whole JSON message: read, charged, and only then handed on, byte for byte.
 * @throws EndedUnanswered when the answer is no message, breaks off, or can't be charged.
 */
export async function answerJson(message: MessageExchange, upstream: UpstreamAnswer): Promise<void> {
  const { exchange, request, offer, admitted, stop } = message;
  const upstreamId = upstreamRequestId(upstream);
  const firstByteMs = performance.now() - exchange.startedAtMs;
  const read = await readAnswer(upstream.body, ANSWER_BYTES_MAX);
  if (!('bytes' in read)) throw broken(read, stop.aborted, exchange.reply.left, upstreamId);
  const answer = parseMessage(read.bytes);
  if (!answer) throw new EndedUnanswered('malformed', malformed(), upstreamId);

  const left = exchange.reply.left;
  const row = usageRow(exchange, request, offer, {
    // A client that left got none of the output, and pays for its input alone.
    ending: left ? 'client_left' : 'finished',
    usage: answer.usage,
    servedModel: asText(answer.message['model']),
    outputIsExact: !left,
    delivered: { text: 0, thinking: 0, json: 0 },
    status: 200,
    upstreamRequestId: upstreamId,
    stopReason: asText(answer.message['stop_reason']),
    firstByteMs,
  });
  exchange.logged['ending'] = row.ending;
  const usage = parseUsage(answer.usage);
  admitted.settle(uncachedInputTokens(usage), usage.outputTokens);
  if (left) {
    settleLater(row);
    return;
  }
  try {
    await settleNow(row, request.thread ? asText(answer.message['id']) : null);
  } catch (error) {
    throw new EndedUnanswered('gateway_failed', notBooked(error), upstreamId);
  }
  replyBytes(exchange, 200, read.bytes);
}

function parseMessage(bytes: Buffer): { message: UsageJson; usage: UsageJson } | undefined {
  try {
    const message: unknown = JSON.parse(bytes.toString('utf8'));
    if (!isObject(message) || message['type'] !== 'message' || !isObject(message['usage'])) return undefined;
    return { message, usage: asObject(message['usage']) };
  } catch {
    return undefined;
  }
}

function broken(
  read: Exclude<ReadAnswer, { bytes: Buffer }>,
  stopping: boolean,
  left: boolean,
  upstreamId: string | null,
): EndedUnanswered {
  if (stopping) {
    return new EndedUnanswered(
      'stopped',
      new AppError(
        'unavailable',
        'This SaveRouter server is restarting. Nothing was charged; send the request again in a second.',
        { headers: { 'retry-after': '1' } },
      ),
      upstreamId,
    );
  }
  if (left) return new EndedUnanswered('client_left_early', malformed(), upstreamId);
  switch (read.broken) {
    case 'stalled':
      return new EndedUnanswered(
        'stalled',
        new AppError(
          'upstream_timeout',
          'The model provider stopped amid its answer. Nothing was charged; retry, or stream long answers.',
        ),
        upstreamId,
      );
    case 'too_large':
      return new EndedUnanswered('malformed', malformed(), upstreamId);
    case 'cut':
      return new EndedUnanswered(
        'upstream_failed',
        new AppError(
          'upstream_unreachable',
          'The model provider broke its answer off. Nothing was charged; retry with exponential backoff.',
        ),
        upstreamId,
      );
  }
}

/** What a client is told when an answer of the upstream can't be read as one. */
export function malformed(): AppError {
  return new AppError(
    'upstream_unreachable',
    'The model provider sent an answer that cannot be read. Nothing was charged; retry with exponential backoff.',
  );
}

/** What a client is told when its answer could not be booked: it is not charged, and so not given. */
export function notBooked(cause: unknown): AppError {
  return new AppError(
    'unavailable',
    'SaveRouter could not book this answer. Nothing was charged; send the request again in a few seconds.',
    { headers: { 'retry-after': '2' }, cause },
  );
}
