import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Pool } from 'undici';
import { env } from '../env';
import { once } from '../once';

export type UpstreamRequest = {
  path: '/v1/messages' | '/v1/messages/count_tokens' | '/v1/messages?beta=true' | '/v1/messages/count_tokens?beta=true';
  headers: Record<string, string>;
  body: Buffer;
  /** Aborting it cancels the request, and the answer's body as well. */
  signal: AbortSignal;
};

export type UpstreamAnswer = {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The answer's bytes, uncompressed. */
  body: Readable;
};

/** Why the upstream gave no answer at all. */
export class UpstreamUnreachable extends Error {
  readonly reason: 'timeout' | 'connection' | 'aborted';

  constructor(reason: 'timeout' | 'connection' | 'aborted', cause: unknown) {
    super(`the upstream gave no answer: ${reason}`, { cause });
    this.name = 'UpstreamUnreachable';
    this.reason = reason;
  }
}

export const UPSTREAM_NAME = 'anthropic';

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;

/**
 * Sends a request to the Messages API with the operator's credential and gives its answer once the headers are there.
 * Redirects are not followed; the time between bytes is the caller's to watch.
 * @throws UpstreamUnreachable when there are no headers.
 */
export async function sendUpstream(request: UpstreamRequest): Promise<UpstreamAnswer> {
  try {
    const answer = await pool().request({
      method: 'POST',
      path: basePath() + request.path,
      headers: { ...request.headers, 'x-api-key': env().ANTHROPIC_API_KEY },
      body: request.body,
      signal: request.signal,
    });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: uncompressed(answer.body, answer.headers['content-encoding']),
    };
  } catch (error) {
    throw new UpstreamUnreachable(reasonOf(error), error);
  }
}

/** What of the base URL stands before the API's own paths; a `/v1` at its end is the API's. */
function basePath(): string {
  return new URL(env().ANTHROPIC_BASE_URL).pathname.replace(/(?:\/v1)?\/*$/, '');
}

function pool(): Pool {
  return once('upstream-pool', () => {
    const { origin } = new URL(env().ANTHROPIC_BASE_URL);
    return new Pool(origin, {
      connections: null,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // The upstream's own hint may be shorter, never longer.
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      headersTimeout: env().UPSTREAM_FIRST_BYTE_TIMEOUT_MS,
      bodyTimeout: 0,
      connect: { timeout: CONNECT_TIMEOUT_MS },
    });
  });
}

/** We ask for identity; an upstream that compresses all the same is unpacked, so that it can be metered. */
function uncompressed(body: Readable, encoding: string | string[] | undefined): Readable {
  const decoder =
    encoding === 'gzip'
      ? createGunzip()
      : encoding === 'br'
        ? createBrotliDecompress()
        : encoding === 'deflate'
          ? createInflate()
          : undefined;
  if (!decoder) return body;
  body.on('error', (error) => decoder.destroy(error));
  decoder.on('close', () => body.destroy());
  decoder.on('error', () => undefined);
  return body.pipe(decoder);
}

function reasonOf(error: unknown): UpstreamUnreachable['reason'] {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_CONNECT_TIMEOUT') return 'timeout';
  return error instanceof Error && (error.name === 'AbortError' || code === 'UND_ERR_ABORTED')
    ? 'aborted'
    : 'connection';
}
