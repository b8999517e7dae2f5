import { AppError, errorBody } from '@/lib/domain/app-error';
import type { Ending } from '@/lib/domain/ending';
import { StreamMeter } from '@/lib/domain/stream-meter';
import { speaksOfOperator } from '@/lib/domain/upstream-error';
import { asObject, parseUsage, uncachedInputTokens } from '@/lib/domain/usage';
import type { UsageRow } from '@/lib/platform/ledger-store';
import { log } from '@/lib/platform/log';
import type { UpstreamAnswer } from '@/lib/platform/upstream/anthropic';
import { malformed, notBooked } from './answer-json';
import { closeSoon } from './close-soon';
import { EndedUnanswered } from './ended-unanswered';
import type { MessageExchange } from './message-exchange';
import { outputRatios } from './output-ratios';
import { relayStream } from './relay-stream';
import { settleLater } from './settle-later';
import { settleNow } from './settle-now';
import { upstreamRequestId } from './upstream-request-id';
import { usageRow } from './usage-row';

/**
 * Answers with an event stream: each chunk at once and unchanged, the last frame when its charge is booked. One that
 * breaks ends in an `error` event and a destroyed connection, never in a clean end.
 * @throws EndedUnanswered when it ends before its client was sent anything.
 */
export async function answerStream(message: MessageExchange, upstream: UpstreamAnswer): Promise<void> {
  const { exchange, admitted, stop } = message;
  const { reply } = exchange;
  const upstreamId = upstreamRequestId(upstream);
  if (!/^text\/event-stream\b/i.test(String(upstream.headers['content-type']))) {
    upstream.body.destroy();
    throw new EndedUnanswered('malformed', malformed(), upstreamId);
  }

  const meter = new StreamMeter();
  const opened = { firstByteMs: null as number | null };
  const open = (): void => {
    opened.firstByteMs = performance.now() - exchange.startedAtMs;
    reply.open(200, streamHeaders(exchange.answerHeaders, upstream));
  };
  const { ending, held } = await relayStream(upstream.body, { reply, open, meter, stop });
  exchange.logged['ending'] = ending;
  const row = streamRow(message, ending, meter, upstreamId, opened.firstByteMs);
  admitted.settle(...admissionUse(meter));

  if (ending === 'finished') return finish(message, meter, row, held, upstream);
  const error = brokenError(ending, meter);
  if (opened.firstByteMs === null && !reply.left) throw new EndedUnanswered(ending, error, upstreamId);
  settleLater(row);
  breakOff(message, error, meter);
}

/** Books the charge, then releases the last frame; an answer that can't be booked is broken off and forgiven. */
async function finish(
  message: MessageExchange,
  meter: StreamMeter,
  row: UsageRow,
  held: Buffer[],
  upstream: UpstreamAnswer,
): Promise<void> {
  const { exchange, request, offer } = message;
  closeSoon(upstream.body);
  try {
    await settleNow(row, request.thread ? meter.messageId : null);
  } catch (error) {
    log.error({ err: error, requestId: exchange.requestId }, 'a finished answer could not be booked');
    settleLater({
      ...row,
      ending: 'gateway_failed',
      settledFrom: 'none',
      receipt: [],
      amountNano: 0n,
      forgivenNano: row.amountNano,
    });
    breakOff(message, notBooked(error), meter);
    return;
  }
  const thinkingTokens = asObject(meter.usage?.['output_tokens_details'])['thinking_tokens'];
  outputRatios().learn(offer.model.id, meter.delivered, row.outputTokens, Number(thinkingTokens ?? 0));
  exchange.reply.end(Buffer.concat(held));
}

function streamRow(
  message: MessageExchange,
  ending: Ending,
  meter: StreamMeter,
  upstreamId: string | null,
  firstByteMs: number | null,
): UsageRow {
  return usageRow(message.exchange, message.request, message.offer, {
    ending,
    usage: meter.usage,
    servedModel: meter.servedModel,
    outputIsExact: meter.outputIsExact,
    delivered: meter.delivered,
    status: 200,
    upstreamRequestId: upstreamId,
    stopReason: meter.stopReason,
    firstByteMs,
  });
}

function admissionUse(meter: StreamMeter): [inputTokens: number, outputTokens: number] {
  const usage = parseUsage(meter.usage ?? {});
  return [uncachedInputTokens(usage), usage.outputTokens];
}

function streamHeaders(answerHeaders: Record<string, string>, upstream: UpstreamAnswer): Record<string, string> {
  return {
    ...answerHeaders,
    'content-type': String(upstream.headers['content-type']),
    // no-transform keeps proxies from compressing, and so from buffering, events.
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  };
}

/** Tells a stream's client why it ends, in the shape that SDKs raise as an error, and breaks the connection off. */
function breakOff({ exchange }: MessageExchange, error: AppError, meter: StreamMeter): void {
  const { reply } = exchange;
  if (reply.left) return reply.destroy();
  // A frame that was cut within is ended first, so that the error is a frame of its own.
  const end = meter.atBoundary ? '' : '\n\n';
  reply.write(Buffer.from(`${end}event: error\ndata: ${errorBody(error, exchange.requestId)}\n\n`));
  reply.destroy();
}

function brokenError(ending: Ending, meter: StreamMeter): AppError {
  switch (ending) {
    case 'malformed':
      return malformed();
    case 'stalled':
      return new AppError(
        'upstream_timeout',
        'The model provider stopped amid its answer. This answer is not charged; send the request again.',
      );
    case 'stopped':
      return new AppError(
        'unavailable',
        'This SaveRouter server is restarting. This answer is not charged; send the request again.',
        { headers: { 'retry-after': '1' } },
      );
    default:
      return meter.error
        ? ownWords(meter.error)
        : new AppError(
            'upstream_unreachable',
            'The model provider broke its answer off. This answer is not charged; send the request again.',
          );
  }
}

/** An `error` event of the upstream: its type stays where clients act on it, its account's troubles do not show. */
function ownWords({ type, message }: { type: string; message: string }): AppError {
  if (type === 'overloaded_error')
    return new AppError('upstream_overloaded', 'Overloaded. This answer is not charged; send the request again.');
  if (type === 'timeout_error')
    return new AppError(
      'upstream_timeout',
      'The model provider timed out. This answer is not charged; send the request again.',
    );
  if (type === 'invalid_request_error' && !speaksOfOperator(type, message))
    return new AppError('invalid_request', `${message}. This answer is not charged.`);
  const failed = 'The model provider failed amid its answer. This answer is not charged; send the request again.';
  return new AppError('internal', failed, { cause: new Error(`the upstream's error event: ${type}`) });
}
