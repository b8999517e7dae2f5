import { describe, expect, it } from 'vitest';
import { BODY_BYTES_MAX } from '@/lib/contracts/messages';
import { AppError } from '@/lib/domain/app-error';
import { readBody } from './read-body';

const PLAIN = { encoding: undefined, length: undefined };

async function* pieces(...chunks: (Buffer | Error)[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    await Promise.resolve();
    if (chunk instanceof Error) throw chunk;
    yield chunk;
  }
}

function refusalOf(reading: Promise<unknown>): Promise<unknown> {
  return reading.then(
    () => undefined,
    (error: unknown) => (error instanceof AppError ? error.kind : error),
  );
}

const read = (headers: Parameters<typeof readBody>[0], body: AsyncIterable<Uint8Array>): Promise<Buffer> =>
  readBody(headers, body, () => undefined);

describe('readBody', () => {
  it('gives the bytes as they came, in however many pieces', async () => {
    const bytes = Buffer.from('{"model":"é"}');
    expect(await read(PLAIN, pieces(bytes))).toEqual(bytes);
    expect(await read(PLAIN, pieces(bytes.subarray(0, 11), bytes.subarray(11)))).toEqual(bytes);
    expect(await read(PLAIN, pieces())).toHaveLength(0);
  });

  it('refuses what is too long, by its word or by its bytes', async () => {
    const over = String(BODY_BYTES_MAX + 1);
    expect(await refusalOf(read({ ...PLAIN, length: over }, pieces()))).toBe('too_large');
    const half = Buffer.alloc(BODY_BYTES_MAX / 2);
    expect(await read(PLAIN, pieces(half, half))).toHaveLength(BODY_BYTES_MAX);
    expect(await refusalOf(read(PLAIN, pieces(half, half, Buffer.from('x'))))).toBe('too_large');
  });

  it('takes a body that breaks off for the fault of its client, and never of our database', async () => {
    const gone = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    expect(await refusalOf(read(PLAIN, pieces(Buffer.from('{'), gone)))).toBe('invalid_request');
  });
});
