import type { JsonObject } from './json';

/** An answer that is no 2xx, in the shape the API gives it. Thrown by whatever finds it, written in one place. */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly details: JsonObject | undefined;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    type: string,
    message: string,
    more: { details?: JsonObject; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.type = type;
    this.details = more.details;
    this.headers = more.headers ?? {};
  }
}

export function invalidRequest(message: string, details?: JsonObject): ApiError {
  return new ApiError(400, 'invalid_request_error', message, details === undefined ? {} : { details });
}

/** The `error` object of a JSON answer and of a mid-stream `error` event alike. */
export function errorBody(type: string, message: string, requestId: string, details?: JsonObject): JsonObject {
  const error: JsonObject = details === undefined ? { type, message } : { details, type, message };
  return { type: 'error', error, request_id: requestId };
}

/** The error type that goes with a status when a fault names only the status. */
export function errorTypeOf(status: number): string {
  const types: Record<number, string> = {
    400: 'invalid_request_error',
    401: 'authentication_error',
    402: 'billing_error',
    403: 'permission_error',
    404: 'not_found_error',
    409: 'conflict_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
    504: 'timeout_error',
    529: 'overloaded_error',
  };
  return types[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
}
