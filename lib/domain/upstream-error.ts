import { AppError } from './app-error';
import { asObject, isObject } from './usage';

/** What to tell the caller when the upstream refused: its own words, or ours where they are not the caller's business. */
export type UpstreamRefusal =
  | { passOn: true; status: number; body: Buffer }
  | { passOn: false; error: AppError; /** Whether this is the operator's trouble and rings. */ alarm: boolean };

const RETRY_AFTER_MAX_SECONDS = 60;
/** Statuses that speak about the caller's request. */
const CALLERS_OWN = new Set([400, 404, 405, 409, 413, 415, 422]);
/** What the API says with a 400 when it is the operator's account that is out of credit, over its limit or on hold. */
const OPERATORS_OWN =
  /credit balance is too low|specified api usage limits|organization[ _](?:is )?on[ _]hold|organization has been disabled|spend limit/i;

/**
 * Reads an upstream error answer. Errors about the caller's request pass on word for word, with our request id in place
 * of the upstream's; the operator's credential, balance and limits never look like the customer's.
 */
export function readUpstreamError(
  status: number,
  body: Buffer,
  retryAfter: string | undefined,
  requestId: string,
): UpstreamRefusal {
  const error = parseError(body);
  const message = error?.message ?? '';
  if (CALLERS_OWN.has(status) && !OPERATORS_OWN.test(message)) {
    if (error) return { passOn: true, status, body: withRequestId(body, error.requestId, requestId) };
    return { passOn: false, error: unreadable(status), alarm: false };
  }
  if (status === 429 && retryAfter !== undefined) {
    return {
      passOn: false,
      alarm: false,
      error: new AppError(
        'rate_limited',
        `The model provider is limiting requests just now. Nothing was charged; retry in ${clampRetryAfter(retryAfter)} s, then with exponential backoff.`,
        {
          headers: { 'retry-after': clampRetryAfter(retryAfter) },
        },
      ),
    };
  }
  if (status === 529 || status === 429) {
    return {
      passOn: false,
      alarm: status === 429,
      error: new AppError(
        'upstream_overloaded',
        'Overloaded: the model provider has too many requests just now. Nothing was charged; retry with exponential backoff, starting at a few seconds.',
        {
          headers: retryAfter === undefined ? {} : { 'retry-after': clampRetryAfter(retryAfter) },
        },
      ),
    };
  }
  if (status === 504)
    return {
      passOn: false,
      alarm: false,
      error: new AppError(
        'upstream_timeout',
        'The model provider timed out. Nothing was charged; retry, or stream long answers.',
      ),
    };
  if (status === 503)
    return {
      passOn: false,
      alarm: false,
      error: new AppError(
        'unavailable',
        'The model provider is unavailable just now. Nothing was charged; retry with exponential backoff.',
      ),
    };
  if (status >= 500 && status !== 501 && status !== 505) {
    return {
      passOn: false,
      alarm: false,
      error: new AppError(
        status === 502 ? 'upstream_unreachable' : 'internal',
        'The model provider failed while answering. Nothing was charged; retry with exponential backoff.',
      ),
    };
  }
  return {
    passOn: false,
    alarm: true,
    error: new AppError(
      'internal',
      'SaveRouter cannot use its model provider just now; this is not about your key or balance. Nothing was charged. The operator has been told; retry in a few minutes.',
      {
        cause: new Error(`the upstream answered ${status}: ${message.slice(0, 300)}`),
      },
    ),
  };
}

/** A `retry-after` in seconds as a client may see it: whole, 1 to 60, because official SDKs sleep as long as they are told. */
export function clampRetryAfter(retryAfter: string): string {
  const seconds = Math.ceil(Number(retryAfter));
  return String(
    Math.min(RETRY_AFTER_MAX_SECONDS, Math.max(1, Number.isFinite(seconds) ? seconds : RETRY_AFTER_MAX_SECONDS)),
  );
}

function unreadable(status: number): AppError {
  if (status === 413)
    return new AppError(
      'too_large',
      'Request exceeds the maximum size of 32 MB. Send smaller images or fewer messages.',
    );
  if (status === 404) return new AppError('not_found', 'The model provider does not know this resource.');
  return new AppError(
    'invalid_request',
    `The model provider refused the request (HTTP ${status}) without saying why. Check the request against the Messages API.`,
  );
}

function parseError(body: Buffer): { message: string; requestId: string | undefined } | undefined {
  try {
    const json: unknown = JSON.parse(body.toString('utf8'));
    if (!isObject(json) || json['type'] !== 'error') return undefined;
    const { message } = asObject(json['error']);
    const requestId = json['request_id'];
    return typeof message === 'string'
      ? { message, requestId: typeof requestId === 'string' ? requestId : undefined }
      : undefined;
  } catch {
    return undefined;
  }
}

/** The same bytes with the upstream's request id replaced where it stands last, which is where the API puts it. */
function withRequestId(body: Buffer, upstreamId: string | undefined, requestId: string): Buffer {
  const at = upstreamId ? body.lastIndexOf(JSON.stringify(upstreamId)) : -1;
  if (upstreamId === undefined || at === -1) return addRequestId(body, requestId);
  const quoted = Buffer.byteLength(JSON.stringify(upstreamId));
  return Buffer.concat([body.subarray(0, at), Buffer.from(JSON.stringify(requestId)), body.subarray(at + quoted)]);
}

function addRequestId(body: Buffer, requestId: string): Buffer {
  const json = asObject(JSON.parse(body.toString('utf8')));
  return Buffer.from(JSON.stringify({ ...json, request_id: requestId }));
}
