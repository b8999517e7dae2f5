import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, errorBody } from './api-error';
import type { JsonObject } from './json';
import { apiHeaders } from './response-headers';

/** One request and its answer on the wire. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  requestId: string;
  url: URL;
  bodyBytes: Buffer;
  /** Aborted when the client closes the connection before the answer has ended. */
  left: AbortSignal;
}

export function writeJson(
  exchange: Exchange,
  status: number,
  body: JsonObject,
  more: Record<string, string> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  exchange.response.writeHead(status, {
    ...apiHeaders(exchange.requestId, Date.now()),
    'content-type': 'application/json',
    'content-length': String(bytes.length),
    ...more,
  });
  exchange.response.end(bytes);
}

/** Any failure as the API tells it. What is no ApiError is a bug of the stand-in and says so. */
export function writeError(exchange: Exchange, error: unknown): void {
  const known =
    error instanceof ApiError
      ? error
      : new ApiError(500, 'api_error', `stand-in: ${error instanceof Error ? (error.stack ?? error.message) : 'bug'}`);
  const body = errorBody(known.type, known.message, exchange.requestId, known.details);
  writeJson(exchange, known.status, body, known.headers);
}
