import { errorBody, errorTypeOf } from './api-error';
import type { BodySink } from './body-sink';
import type { Fault } from './fault';
import { encodeFrame, frame, type Frame } from './frame';
import { pause, waitForLeave } from './pause';

const GARBAGE =
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_de\n\n';

/** Thrown when a fault breaks the connection off; the caller destroys the socket. */
export class CutOff extends Error {}

export interface Progress {
  events: number;
  outputTokens: number;
  complete: boolean;
}

/**
 * Writes a stream's events in order, with the breaks that the fault asks for. Ends the body itself unless it throws;
 * `progress` tells at any moment how much was handed over.
 */
export async function writeEvents(
  frames: Iterable<Frame>,
  sink: BodySink,
  fault: Fault,
  progress: Progress,
  errorRequestId: string,
  left: AbortSignal,
  beforeLast: () => void,
): Promise<void> {
  const lineEnd = fault.crlf === true ? '\r\n' : '\n';
  for (const next of frames) {
    if (await breaksOff(progress.events, sink, fault, errorRequestId, left)) return;
    await pause(progress.events === 0 ? fault.firstEventDelayMs : fault.eventDelayMs, left);
    if (next.event === 'message_stop') beforeLast();
    await sink.write(Buffer.from(encodeFrame(next, lineEnd)));
    progress.events += 1;
    progress.outputTokens += next.outputTokens;
    if (next.event === 'message_stop') progress.complete = true;
  }
  if (await breaksOff(progress.events, sink, fault, errorRequestId, left)) return;
  await sink.finish();
}

/** The break that is due after `events` events, if there is one. True when the stream has ended by it. */
async function breaksOff(
  events: number,
  sink: BodySink,
  fault: Fault,
  errorRequestId: string,
  left: AbortSignal,
): Promise<boolean> {
  if (fault.silenceAfterEvents === events) await pause(fault.silentMs, left);
  if (fault.malformedAfterEvents === events) await sink.write(Buffer.from(GARBAGE));
  if (fault.stallAfterEvents === events) await waitForLeave(left);
  if (fault.cutAfterEvents === events) throw new CutOff();
  if (fault.errorEventAfterEvents === events) {
    const type = fault.errorType ?? errorTypeOf(fault.status ?? 529);
    const body = errorBody(type, fault.message ?? 'Overloaded', errorRequestId, fault.details);
    await sink.write(Buffer.from(encodeFrame(frame({ ...body, type: 'error' }), '\n')));
  }
  if (fault.errorEventAfterEvents !== events && fault.truncateAfterEvents !== events) return false;
  await sink.finish();
  return true;
}
