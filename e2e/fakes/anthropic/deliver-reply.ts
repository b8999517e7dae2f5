import { ClientLeft, compressedSink, plainSink, type BodySink } from './body-sink';
import type { Exchange } from './exchange';
import type { Fault } from './fault';
import type { Reply } from './reply';
import { CutOff, writeEvents, type Progress } from './write-events';
import { portioned } from './write-bytes';

/** How a reply is to travel. `keep` is called once, right before its last bytes. */
interface Passage {
  stream: boolean;
  headers: Record<string, string>;
  fault: Fault;
  keep: () => void;
}

export interface Delivered {
  finished: boolean;
  cancelled: boolean;
  generatedTokens: number;
}

/** Writes a reply to its end, to the break a fault asks for, or until the client leaves. */
export async function deliverReply(exchange: Exchange, reply: Reply, passage: Passage): Promise<Delivered> {
  const progress: Progress = { events: 0, outputTokens: 0, complete: false };
  try {
    await (passage.stream
      ? writeStream(exchange, reply, passage, progress)
      : writeMessage(exchange, reply, passage, progress));
    return deliveredSoFar(progress, false);
  } catch (error) {
    if (error instanceof CutOff) exchange.response.destroy();
    else if (!(error instanceof ClientLeft)) throw error;
    return deliveredSoFar(progress, error instanceof ClientLeft);
  }
}

/** A client may close as soon as it has seen the last event: such an answer is finished, not cancelled. */
function deliveredSoFar(progress: Progress, clientLeft: boolean): Delivered {
  return {
    finished: progress.complete,
    cancelled: clientLeft && !progress.complete,
    generatedTokens: progress.outputTokens,
  };
}

async function writeStream(exchange: Exchange, reply: Reply, passage: Passage, progress: Progress): Promise<void> {
  const { response, left } = exchange;
  const { fault } = passage;
  response.writeHead(200, { ...encodingHeader(fault), ...passage.headers });
  response.flushHeaders();
  const sink = portioned(sinkFor(exchange, fault), fault, left);
  await writeEvents(reply.frames(), sink, fault, progress, `req_${reply.messageId.slice(4)}`, left, passage.keep);
}

async function writeMessage(exchange: Exchange, reply: Reply, passage: Passage, progress: Progress): Promise<void> {
  const { response, left } = exchange;
  const { fault } = passage;
  passage.keep();
  if (fault.truncateJson === true || fault.cutAfterEvents !== undefined) {
    await writeHalf(exchange, [...reply.json()].join(''), passage);
  }
  const whole = fault.hugeBytes === undefined ? [...reply.json()].join('') : undefined;
  const pieces = whole === undefined ? reply.json() : [whole];
  const isPlain = whole !== undefined && fault.gzip === undefined;
  const length = isPlain ? { 'content-length': String(Buffer.byteLength(whole)) } : {};
  response.writeHead(200, { ...length, ...encodingHeader(fault), ...passage.headers });
  const sink = portioned(sinkFor(exchange, fault), fault, left);
  for (const piece of pieces) await sink.write(Buffer.from(piece));
  progress.complete = true;
  await sink.finish();
}

/** Promises the whole body and breaks off in the middle of it. */
async function writeHalf({ response, left }: Exchange, json: string, passage: Passage): Promise<never> {
  const bytes = Buffer.from(json);
  response.writeHead(200, { 'content-length': String(bytes.length), ...passage.headers });
  await plainSink(response, left).write(bytes.subarray(0, Math.floor(bytes.length / 2)));
  // Destroying at once could drop what was written; the half is to arrive.
  await new Promise((resolve) => setTimeout(resolve, 10));
  throw new CutOff();
}

function sinkFor({ response, left }: Exchange, fault: Fault): BodySink {
  if (fault.gzip === undefined) return plainSink(response, left);
  return compressedSink(response, left, fault.gzip === 'br' ? 'br' : 'gzip');
}

function encodingHeader(fault: Fault): Record<string, string> {
  if (fault.gzip === undefined) return {};
  return { 'content-encoding': fault.gzip === 'br' ? 'br' : 'gzip' };
}
