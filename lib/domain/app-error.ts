/** Why a request is refused. Each kind has one status and one error type of the Messages API. */
export type ErrorKind =
  | 'invalid_request'
  | 'unauthenticated'
  | 'insufficient_credits'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'too_large'
  | 'rate_limited'
  | 'internal'
  | 'upstream_unreachable'
  | 'unavailable'
  | 'upstream_timeout'
  | 'upstream_overloaded';

/** The error types of the Messages API, as the official SDKs name them. */
export type AnthropicErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'billing_error'
  | 'permission_error'
  | 'not_found_error'
  | 'request_too_large'
  | 'rate_limit_error'
  | 'api_error'
  | 'timeout_error'
  | 'overloaded_error';

/** The one table from kind to status and type. */
export const ERRORS: Readonly<Record<ErrorKind, { status: number; type: AnthropicErrorType }>> = {
  invalid_request: { status: 400, type: 'invalid_request_error' },
  unauthenticated: { status: 401, type: 'authentication_error' },
  insufficient_credits: { status: 402, type: 'billing_error' },
  forbidden: { status: 403, type: 'permission_error' },
  not_found: { status: 404, type: 'not_found_error' },
  method_not_allowed: { status: 405, type: 'invalid_request_error' },
  too_large: { status: 413, type: 'request_too_large' },
  rate_limited: { status: 429, type: 'rate_limit_error' },
  internal: { status: 500, type: 'api_error' },
  upstream_unreachable: { status: 502, type: 'api_error' },
  unavailable: { status: 503, type: 'api_error' },
  upstream_timeout: { status: 504, type: 'timeout_error' },
  upstream_overloaded: { status: 529, type: 'overloaded_error' },
};

/** An expected no: its message is shown to the caller and says what to do. Its cause is for the log alone. */
export class AppError extends Error {
  readonly kind: ErrorKind;
  /** Headers that go with the answer, such as `retry-after`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Further fields inside `error`, such as `code` or `details`. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    kind: ErrorKind,
    message: string,
    options: { headers?: Record<string, string>; fields?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.kind = kind;
    this.headers = options.headers ?? {};
    this.fields = options.fields ?? {};
  }
}

/** An error body in the Messages API's shape. */
export function errorBody(error: AppError, requestId: string): string {
  const { type } = ERRORS[error.kind];
  return JSON.stringify({
    type: 'error',
    error: { type, message: error.message, ...error.fields },
    request_id: requestId,
  });
}
