import { BODY_BYTES_MAX } from '@/lib/contracts/messages';
import { AppError } from '@/lib/domain/app-error';

/**
 * Reads a request's body with a count, so that one over the limit is refused without being kept.
 * `take` is told of each piece before it is kept, and may refuse it.
 * @throws AppError too_large, or invalid_request for a body that is compressed or breaks off
 */
export async function readBody(
  headers: { encoding: string | null | undefined; length: string | null | undefined },
  body: AsyncIterable<Uint8Array>,
  take: (bytes: number) => void,
): Promise<Buffer> {
  const { encoding, length } = headers;
  if (encoding && encoding !== 'identity') {
    throw new AppError(
      'invalid_request',
      `content-encoding ${encoding.slice(0, 20)} is not supported: send the body uncompressed.`,
      { fields: { details: { error_code: 'request_body_encoding_unsupported' } } },
    );
  }
  if (Number(length) > BODY_BYTES_MAX) throw tooLarge();
  const { chunks, bytes } = await collect(body, take);
  const [only] = chunks;
  return chunks.length === 1 && only instanceof Buffer ? only : Buffer.concat(chunks, bytes);
}

async function collect(
  body: AsyncIterable<Uint8Array>,
  take: (bytes: number) => void,
): Promise<{ chunks: Uint8Array[]; bytes: number }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      if (bytes > BODY_BYTES_MAX) throw tooLarge();
      take(chunk.byteLength);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    // The client left or broke its framing. Its error has the code of a lost connection, which would pass for our database's.
    throw new AppError('invalid_request', 'The connection ended before the request body was whole. Send it again.', {
      cause: error,
    });
  }
  return { chunks, bytes };
}

function tooLarge(): AppError {
  return new AppError('too_large', 'Request exceeds the maximum size of 32 MB. Send smaller images or fewer messages.');
}
