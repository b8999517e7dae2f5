import { AppError, ERRORS, errorBody } from '@/lib/domain/app-error';
import { CORS_HEADERS } from '@/lib/domain/cors';
import type { IncomingHeaders } from '@/lib/domain/forwarded-headers';
import { newId } from '@/lib/domain/id';
import { isDatabaseAway } from '@/lib/platform/database';
import { env } from '@/lib/platform/env';
import { log } from '@/lib/platform/log';
import type { Exchange, Reply } from '@/lib/services/gateway/exchange';
import { authenticateKey, type Caller } from '@/lib/services/keys/authenticate-key';
import { admitRefused } from '@/lib/services/gateway/admit-refused';
import { noteFailedAuthentication } from '@/lib/services/gateway/note-failed-authentication';
import { noteKeyUse } from '@/lib/services/keys/note-key-use';
import { bodyBudget } from './body-budget';

export type GatewayVerb = (exchange: Exchange) => Promise<void>;

/** A request as a door hands it over. */
export type Incoming = {
  method: string;
  path: string;
  /** By lower-case name; `x-forwarded-for` is the client's address, as the host that routes found it. */
  headers: IncomingHeaders;
  query: URLSearchParams;
  params: Readonly<Record<string, string>>;
  /** Reads the body, up to its limit; called only for a caller whose key is good. */
  readBody: (take: (bytes: number) => void) => Promise<Buffer>;
  reply: Reply;
};

/**
 * Serves one API request, whichever door it came in by: id, key, body, verb, and the one place where errors become
 * answers. In place of a verb, the refusal of a path or method that there is not: it needs no key.
 */
export async function serveExchange(incoming: Incoming, verb: GatewayVerb | AppError): Promise<void> {
  const startedAt = new Date();
  const startedAtMs = performance.now();
  const requestId = newId('req', startedAt.getTime());
  const answerHeaders: Record<string, string> = { 'request-id': requestId, ...CORS_HEADERS };
  const logged: Exchange['logged'] = { requestId, method: incoming.method, path: incoming.path };
  const reply = watched(incoming.reply, logged);
  let caller: Caller | undefined;
  let keptBytes = 0;
  try {
    if (verb instanceof AppError) throw verb;
    caller = await authenticate(incoming);
    logged['accountId'] = caller.accountId;
    logged['keyId'] = caller.keyId;
    noteKeyUse(caller.keyId, startedAt);
    const { headers, query, params } = incoming;
    const { keyId } = caller;
    const body = await incoming.readBody((bytes) => {
      bodyBudget().take(keyId, bytes);
      keptBytes += bytes;
    });
    await verb({
      ...{ requestId, caller, headers, query, params, body },
      ...{ startedAt, startedAtMs, answerHeaders, reply, logged },
    });
  } catch (error) {
    const refusal = caller
      ? await admitRefused({ caller, requestId, answerHeaders }, toAppError(error))
      : toAppError(error);
    answerError(reply, refusal, requestId, answerHeaders, logged);
  } finally {
    if (caller && keptBytes > 0) bodyBudget().release(caller.keyId, keptBytes);
    logged['durationMs'] = Math.round(performance.now() - startedAtMs);
    if (env().ACCESS_LOG === 'on') log.info(logged, 'request');
  }
}

async function authenticate({ headers }: Incoming): Promise<Caller> {
  try {
    return await authenticateKey(headers);
  } catch (error) {
    if (error instanceof AppError && error.kind === 'unauthenticated') {
      await noteFailedAuthentication(headers['x-forwarded-for'] ?? '');
    }
    throw error;
  }
}

/** Errors that are no refusal of ours say nothing outside and everything in the log, tied by the request id. */
function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (isDatabaseAway(error)) {
    return new AppError(
      'unavailable',
      'SaveRouter cannot reach its database just now. Nothing was charged; send the request again in a few seconds.',
      {
        headers: { 'retry-after': '2' },
        cause: error,
      },
    );
  }
  return new AppError(
    'internal',
    'SaveRouter failed to serve this request. Nothing was charged; retry, and write to support with the request id if it goes on.',
    { cause: error },
  );
}

function answerError(
  reply: Reply,
  error: AppError,
  requestId: string,
  answerHeaders: Record<string, string>,
  logged: Exchange['logged'],
): void {
  const { status } = ERRORS[error.kind];
  logged['error'] = error.kind;
  // A client that left is no failure, and there is nobody to answer.
  if (status >= 500 && !reply.left) log.warn({ err: error, requestId }, 'a request failed');
  if (logged['status'] !== undefined) return reply.destroy();
  const body = Buffer.from(errorBody(error, requestId));
  reply.open(status, {
    ...answerHeaders,
    ...error.headers,
    'content-type': 'application/json',
    'content-length': String(body.length),
  });
  reply.end(body);
}

/** The reply, with the status noted for the log. */
function watched(reply: Reply, logged: Exchange['logged']): Reply {
  return {
    get left() {
      return reply.left;
    },
    open: (status, headers) => {
      logged['status'] = status;
      reply.open(status, headers);
    },
    write: (bytes) => reply.write(bytes),
    end: (bytes) => reply.end(bytes),
    destroy: () => reply.destroy(),
    onLeft: (listener) => reply.onLeft(listener),
    onDrain: (listener) => reply.onDrain(listener),
  };
}
