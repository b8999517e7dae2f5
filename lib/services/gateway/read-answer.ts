import type { Readable } from 'node:stream';
import { env } from '@/lib/platform/env';

/** No answer of the API is near this; it bounds what one request can make us keep. */
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** An error says what it has to in far less. */
export const ERROR_BYTES_MAX = 1024 * 1024;

export type ReadAnswer = { bytes: Buffer } | { broken: 'cut' | 'stalled' | 'too_large' };

/** Reads a whole answer, up to a size and as long as bytes keep coming. Destroys the stream when it gives up. */
export function readAnswer(upstream: Readable, bytesMax: number): Promise<ReadAnswer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = (answer: ReadAnswer): void => {
      clearTimeout(stall);
      resolve(answer);
      if (!('bytes' in answer)) upstream.destroy();
    };
    const stall = setTimeout(() => end({ broken: 'stalled' }), env().UPSTREAM_STALL_TIMEOUT_MS);
    upstream.on('data', (chunk: Buffer) => {
      stall.refresh();
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > bytesMax) end({ broken: 'too_large' });
    });
    upstream.on('end', () =>
      end({ bytes: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes) }),
    );
    upstream.on('error', () => end({ broken: 'cut' }));
    upstream.on('close', () => end({ broken: 'cut' }));
  });
}
