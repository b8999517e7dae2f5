import { preflightHeaders } from '@/lib/domain/cors';
import type { GatewayEndpoint, GatewayMethod } from './gateway-endpoints';
import { readBody } from './read-body';
import { refuseMethod } from './refuse-method';
import { ResponseReply } from './response-reply';
import { serveExchange } from './serve-exchange';

/** Routes without named parts are given no params at all. */
type Context = { params: Promise<Record<string, string | string[] | undefined> | undefined> };
type RouteHandler = (request: Request, context: Context) => Promise<Response>;

/**
 * The API's door for hosts that run Next: makes a route's handlers from its verbs. Methods without a verb get 405, and a
 * route without any 404, both in the Messages API's shape.
 */
export function gatewayRoute(endpoint: GatewayEndpoint): Record<GatewayMethod | 'OPTIONS', RouteHandler> {
  const handler: RouteHandler = async (request, context) => {
    const url = new URL(request.url);
    const reply = new ResponseReply(request.signal);
    const verb = endpoint[request.method === 'HEAD' ? 'GET' : (request.method as GatewayMethod)];
    void serveExchange(
      {
        method: request.method,
        path: url.pathname,
        headers: Object.fromEntries(request.headers),
        query: url.searchParams,
        params: namedParts(await context.params),
        readBody: (take) => readRequest(request, take),
        reply,
      },
      verb ?? refuseMethod(endpoint, request.method, url.pathname),
    );
    return reply.response;
  };
  return { GET: handler, POST: handler, PUT: handler, PATCH: handler, DELETE: handler, OPTIONS: preflight };
}

async function readRequest(request: Request, take: (bytes: number) => void): Promise<Buffer> {
  const { headers, body } = request;
  if (!body) return Buffer.alloc(0);
  return readBody({ encoding: headers.get('content-encoding'), length: headers.get('content-length') }, body, take);
}

function namedParts(params: Record<string, string | string[] | undefined> | undefined): Record<string, string> {
  const named = Object.entries(params ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(named);
}

function preflight(request: Request): Promise<Response> {
  const headers = preflightHeaders(request.headers.get('access-control-request-headers') ?? undefined);
  return Promise.resolve(new Response(null, { status: 204, headers }));
}
