import type { IncomingMessage, ServerResponse } from 'node:http';
import { preflightHeaders } from '@/lib/domain/cors';
import type { IncomingHeaders } from '@/lib/domain/forwarded-headers';
import {
  COUNT_TOKENS,
  MESSAGES,
  MODEL,
  MODELS,
  NOTHING,
  type GatewayEndpoint,
  type GatewayMethod,
} from './gateway-endpoints';
import { NodeReply } from './node-reply';
import { readBody } from './read-body';
import { refuseMethod } from './refuse-method';
import { serveExchange } from './serve-exchange';

const NO_QUERY = new URLSearchParams();
const NO_PARAMS = {};
const ENDPOINTS: Readonly<Record<string, GatewayEndpoint>> = {
  '/v1/messages': MESSAGES,
  '/v1/messages/count_tokens': COUNT_TOKENS,
  '/v1/models': MODELS,
};
const MODEL_PATH = /^\/v1\/models\/([^/]+)$/;

/**
 * The API's door for our own server, which costs a small part of what a framework's request handling does: answers what
 * is under `/v1` and says whether it did. Paths are normalised before. Both doors call the same verbs.
 */
export function gatewayDoor(request: IncomingMessage, response: ServerResponse): boolean {
  const { url = '/', method = '' } = request;
  if (!url.startsWith('/v1')) return false;
  const queryAt = url.indexOf('?');
  const path = queryAt === -1 ? url : url.slice(0, queryAt);
  if (path !== '/v1' && !path.startsWith('/v1/')) return false;

  const headers = namedOnce(request);
  if (method === 'OPTIONS') {
    response.writeHead(204, preflightHeaders(headers['access-control-request-headers'])).end();
    return true;
  }
  const { endpoint, params } = findEndpoint(path);
  const verb = endpoint[method === 'HEAD' ? 'GET' : (method as GatewayMethod)];
  void serveExchange(
    {
      method,
      path,
      headers,
      query: queryAt === -1 ? NO_QUERY : new URLSearchParams(url.slice(queryAt)),
      params,
      readBody: (take) => {
        // Only a caller whose key is good is asked for the body.
        if (headers['expect'] !== undefined) response.writeContinue();
        return readBody(
          { encoding: headers['content-encoding'], length: headers['content-length'] },
          // Destroying the request would take the connection along, and the refusal with it.
          request.iterator({ destroyOnReturn: false }),
          take,
        );
      },
      reply: new NodeReply(request, response),
    },
    verb ?? refuseMethod(endpoint, method, path),
  );
  return true;
}

function findEndpoint(path: string): { endpoint: GatewayEndpoint; params: Record<string, string> } {
  const endpoint = ENDPOINTS[path];
  if (endpoint) return { endpoint, params: NO_PARAMS };
  const id = MODEL_PATH.exec(path)?.[1];
  return id === undefined
    ? { endpoint: NOTHING, params: NO_PARAMS }
    : { endpoint: MODEL, params: { id: decodeURIComponent(id) } };
}

/** Headers by name, each with one value: Node joins repeated ones but for set-cookie, which no request carries. */
function namedOnce(request: IncomingMessage): IncomingHeaders {
  return request.headers as IncomingHeaders;
}
