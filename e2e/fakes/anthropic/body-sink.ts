import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';

/** Where an answer's bytes go. A write resolves once more may follow, and rejects when the client has left. */
export interface BodySink {
  write(bytes: Buffer): Promise<void>;
  finish(): Promise<void>;
}

/** Thrown by a sink and by a pause when the client closed the connection. */
export class ClientLeft extends Error {}

export function plainSink(response: ServerResponse, left: AbortSignal): BodySink {
  return {
    write: async (bytes) => {
      if (left.aborted) throw new ClientLeft();
      if (!response.write(bytes)) await eventOr(left, () => once(response, 'drain', { signal: left }));
    },
    finish: async () => {
      if (left.aborted) throw new ClientLeft();
      const finished = eventOr(left, () => once(response, 'finish', { signal: left }));
      response.end();
      await finished;
    },
  };
}

/** Compresses what passes and flushes after each write, so that events still arrive one by one. */
export function compressedSink(response: ServerResponse, left: AbortSignal, kind: 'gzip' | 'br'): BodySink {
  const compressor = kind === 'br' ? createBrotliCompress() : createGzip();
  const flush = kind === 'br' ? constants.BROTLI_OPERATION_FLUSH : constants.Z_SYNC_FLUSH;
  compressor.pipe(response);
  left.addEventListener('abort', () => compressor.destroy(), { once: true });
  return {
    write: async (bytes) => {
      if (left.aborted) throw new ClientLeft();
      compressor.write(bytes);
      await flushed((done) => compressor.flush(flush, done), left);
    },
    finish: async () => {
      if (left.aborted) throw new ClientLeft();
      const finished = eventOr(left, () => once(response, 'finish', { signal: left }));
      compressor.end();
      await finished;
    },
  };
}

async function eventOr(left: AbortSignal, wait: () => Promise<unknown>): Promise<void> {
  try {
    await wait();
  } catch (error) {
    if (left.aborted) throw new ClientLeft();
    throw error;
  }
}

/** A flush of a destroyed compressor never calls back, so leaving has to end the wait as well. */
function flushed(flush: (done: () => void) => void, left: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onLeave = () => {
      reject(new ClientLeft());
    };
    left.addEventListener('abort', onLeave, { once: true });
    flush(() => {
      left.removeEventListener('abort', onLeave);
      resolve();
    });
  });
}
