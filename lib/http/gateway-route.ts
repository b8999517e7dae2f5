import { BODY_BYTES_MAX } from '@/lib/contracts/messages';
import { AppError } from '@/lib/domain/app-error';
import { preflightHeaders } from '@/lib/domain/cors';
import { ResponseReply } from './response-reply';
import { serveExchange, type GatewayVerb } from './serve-exchange';

/** Routes without named parts are given no params at all. */
type Context = { params: Promise<Record<string, string | string[] | undefined> | undefined> };
type RouteHandler = (request: Request, context: Context) => Promise<Response>;
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * The API's door for hosts that run Next: makes a route's handlers from its verbs. Methods without a verb get 405, and a
 * route without any 404, both in the Messages API's shape.
 */
export function gatewayRoute(verbs: Partial<Record<Method, GatewayVerb>>): Record<Method | 'OPTIONS', RouteHandler> {
  const allowed = METHODS.filter((method) => verbs[method]);
  const handlers = METHODS.map((method) => [method, handlerOf(verbs[method] ?? allowed)] as const);
  return { ...(Object.fromEntries(handlers) as Record<Method, RouteHandler>), OPTIONS: preflight };
}

function handlerOf(verb: GatewayVerb | readonly Method[]): RouteHandler {
  return async (request, context) => {
    const url = new URL(request.url);
    const reply = new ResponseReply(request.signal);
    const params = Object.entries((await context.params) ?? {}).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    );
    void serveExchange(
      {
        method: request.method,
        path: url.pathname,
        headers: Object.fromEntries(request.headers),
        query: url.searchParams,
        params: Object.fromEntries(params) as Record<string, string>,
        readBody: () => readBody(request),
        reply,
      },
      typeof verb === 'function' ? verb : refusal(request.method, url.pathname, verb),
    );
    return reply.response;
  };
}

/** Reads the body with a count, so that one over the limit is refused without being kept. @throws AppError */
async function readBody(request: Request): Promise<Buffer> {
  const encoding = request.headers.get('content-encoding');
  if (encoding && encoding !== 'identity') {
    throw new AppError(
      'invalid_request',
      `content-encoding ${encoding.slice(0, 20)} is not supported: send the body uncompressed.`,
      {
        fields: { details: { error_code: 'request_body_encoding_unsupported' } },
      },
    );
  }
  if (Number(request.headers.get('content-length')) > BODY_BYTES_MAX) throw tooLarge();
  if (!request.body) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

function tooLarge(): AppError {
  return new AppError('too_large', 'Request exceeds the maximum size of 32 MB. Send smaller images or fewer messages.');
}

function refusal(method: string, path: string, allowed: readonly Method[]): AppError {
  const what = `${method} ${path}`.slice(0, 200);
  if (allowed.length === 0) {
    return new AppError(
      'not_found',
      `Not found: ${what}. SaveRouter serves POST /v1/messages, POST /v1/messages/count_tokens, GET /v1/models and GET /v1/models/{id}.`,
    );
  }
  return new AppError('method_not_allowed', `${what}: the method is not allowed. Use ${allowed.join(' or ')}.`, {
    headers: { allow: allowed.join(', ') },
  });
}

function preflight(request: Request): Promise<Response> {
  const headers = preflightHeaders(request.headers.get('access-control-request-headers') ?? undefined);
  return Promise.resolve(new Response(null, { status: 204, headers }));
}
