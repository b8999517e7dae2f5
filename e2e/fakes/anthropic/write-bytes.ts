import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BodySink } from './body-sink';
import type { Fault } from './fault';
import { pause } from './pause';

const MAX_SPLIT_BODY_BYTES = 8 * 1024 * 1024;
const SPLIT_PAUSE_MS = 8;

/** A sink that writes in the portions a fault asks for: whole, in chunks, byte by byte, or split once. */
export function portioned(sink: BodySink, fault: Fault, left: AbortSignal): BodySink {
  if (fault.splitAt !== undefined) return splitOnce(sink, fault.splitAt, fault.silentMs ?? SPLIT_PAUSE_MS, left);
  const size = fault.trickle === true ? 1 : fault.chunkBytes;
  if (size === undefined || size < 1) return sink;
  return {
    finish: () => sink.finish(),
    write: async (bytes) => {
      for (let from = 0; from < bytes.length; from += size) {
        await sink.write(bytes.subarray(from, from + size));
        await nextTurn();
      }
    },
  };
}

/** Holds the whole body back and writes it in two pieces, far enough apart to arrive as two, or as far as a fault asks. */
function splitOnce(sink: BodySink, splitAt: number, apartMs: number, left: AbortSignal): BodySink {
  const held: Buffer[] = [];
  let heldBytes = 0;
  return {
    write: (bytes) => {
      heldBytes += bytes.length;
      if (heldBytes > MAX_SPLIT_BODY_BYTES) throw new RangeError('stand-in: the body is too large to be split');
      held.push(bytes);
      return Promise.resolve();
    },
    finish: async () => {
      const body = Buffer.concat(held);
      const pieces = [body.subarray(0, splitAt), body.subarray(splitAt)];
      for (const piece of pieces) {
        if (piece.length > 0) await sink.write(piece);
        await pause(apartMs, left);
      }
      await sink.finish();
    },
  };
}
