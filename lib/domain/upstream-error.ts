import { AppError } from './app-error';
import { JsonScanner } from './json-scanner';
import { asObject, isObject } from './usage';

/** What to tell the caller when the upstream refused: its own words, or ours where they are not the caller's business. */
export type UpstreamRefusal =
  | { passOn: true; status: number; body: Buffer }
  | { passOn: false; error: AppError; /** Whether this is the operator's trouble and rings. */ alarm: boolean };

/** An error answer in the API's shape. */
type UpstreamError = {
  message: string;
  type: unknown;
  code: unknown;
  /** Where the request id stands, in bytes; `start` is `end` where there is none and it can be put in. */
  requestIdAt: { start: number; end: number };
};

const RETRY_AFTER_MAX_SECONDS = 60;
/** How much of the upstream's words goes into the operator's log. */
const LOGGED_CHARS_MAX = 300;
/** Statuses that speak about the caller's request. */
const CALLERS_OWN = new Set([400, 404, 405, 409, 413, 415, 422]);
/** Those that the API itself gives only as JSON: anything else comes from a wrong base URL, which is the operator's. */
const ROUTING = new Set([404, 405]);
/** What the API says with a 400 when it is the operator's account that is out of credit, over its limit or on hold. */
const OPERATORS_WORDS =
  /credit balance is too low|specified api usage limits|organization[ _](?:is )?on[ _]hold|organization has been disabled|spend limit/i;
/** The same as `error.details.error_code`: about the account, its spend limits and its encryption keys. */
const OPERATORS_CODES =
  /^(?:(?:parent_|linked_)?organization_|(?:contract|enforced)_spend_limit_|cmek_|sandbox_egress_restricted$)/;
const OPERATORS_TYPES = /^(?:authentication|permission|billing)_error$/;

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
  const trouble = error && operatorsTrouble(error);
  if (CALLERS_OWN.has(status)) {
    // Of what the API says about a request only what was recognised is kept for the log: it may quote the request.
    if (trouble !== undefined) return operatorsOwn(status, trouble);
    if (error) return { passOn: true, status, body: withRequestId(body, error, requestId) };
    if (ROUTING.has(status)) return operatorsOwn(status, 'not in the shape of the Messages API');
    return { passOn: false, error: unreadable(status), alarm: false };
  }
  const message = error?.message.slice(0, LOGGED_CHARS_MAX) ?? '';
  if (status === 429) {
    // A spend cap names no time to come back at, or says what it is.
    if (retryAfter === undefined || trouble !== undefined)
      return { passOn: false, error: overloaded(undefined, upstreamSaid(status, message)), alarm: true };
    return { passOn: false, error: rateLimited(clampRetryAfter(retryAfter)), alarm: false };
  }
  const passing = passingTrouble(status, retryAfter);
  return passing ? { passOn: false, error: passing, alarm: false } : operatorsOwn(status, message);
}

/** Whether an error of the upstream speaks of the operator's account, in whatever shape it comes. */
export function speaksOfOperator(type: string, message: string): boolean {
  return OPERATORS_TYPES.test(type) || OPERATORS_WORDS.test(message) || /organi[sz]ation|workspace/i.test(message);
}

/** A `retry-after` in seconds as a client may see it: whole, 1 to 60, because official SDKs sleep as long as they are told. */
export function clampRetryAfter(retryAfter: string): string {
  const seconds = Math.ceil(Number(retryAfter));
  return String(
    Math.min(RETRY_AFTER_MAX_SECONDS, Math.max(1, Number.isFinite(seconds) ? seconds : RETRY_AFTER_MAX_SECONDS)),
  );
}

/** By what an error shows itself as the operator's: its code, its type or the API's own words; undefined where it is not. */
function operatorsTrouble({ code, type, message }: UpstreamError): string | undefined {
  if (typeof code === 'string' && OPERATORS_CODES.test(code)) return code.slice(0, LOGGED_CHARS_MAX);
  if (typeof type === 'string' && OPERATORS_TYPES.test(type)) return type;
  return OPERATORS_WORDS.exec(message)?.[0];
}

function operatorsOwn(status: number, said: string): UpstreamRefusal {
  const error = new AppError(
    'internal',
    'SaveRouter cannot use its model provider just now; this is not about your key or balance. Nothing was charged. The operator has been told; retry in a few minutes.',
    { cause: upstreamSaid(status, said) },
  );
  return { passOn: false, error, alarm: true };
}

/** What will pass by itself, in our words; undefined for a status that will not. */
function passingTrouble(status: number, retryAfter: string | undefined): AppError | undefined {
  switch (status) {
    case 408:
    case 504:
      return new AppError(
        'upstream_timeout',
        'The model provider timed out. Nothing was charged; retry, or stream long answers.',
      );
    case 501:
    case 505:
      return undefined;
    case 503:
      return new AppError(
        'unavailable',
        'The model provider is unavailable just now. Nothing was charged; retry with exponential backoff.',
      );
    case 529:
      return overloaded(retryAfter);
    default:
      if (status < 500) return undefined;
      return new AppError(
        status === 502 ? 'upstream_unreachable' : 'internal',
        'The model provider failed while answering. Nothing was charged; retry with exponential backoff.',
      );
  }
}

function rateLimited(seconds: string): AppError {
  return new AppError(
    'rate_limited',
    `The model provider is limiting requests just now. Nothing was charged; retry in ${seconds} s, then with exponential backoff.`,
    { headers: { 'retry-after': seconds } },
  );
}

function overloaded(retryAfter: string | undefined, cause?: Error): AppError {
  return new AppError(
    'upstream_overloaded',
    'Overloaded: the model provider has too many requests just now. Nothing was charged; retry with exponential backoff, starting at a few seconds.',
    { headers: retryAfter === undefined ? {} : { 'retry-after': clampRetryAfter(retryAfter) }, cause },
  );
}

function unreadable(status: number): AppError {
  if (status === 413)
    return new AppError(
      'too_large',
      'Request exceeds the maximum size of 32 MB. Send smaller images or fewer messages.',
    );
  return new AppError(
    'invalid_request',
    `The model provider refused the request (HTTP ${status}) without saying why. Check the request against the Messages API.`,
  );
}

function upstreamSaid(status: number, said: string): Error {
  return new Error(`the upstream answered ${status}: ${said}`);
}

/** Reads an error in the API's shape; undefined for anything else, such as the page of a proxy. */
function parseError(body: Buffer): UpstreamError | undefined {
  try {
    const json: unknown = JSON.parse(body.toString('utf8'));
    if (!isObject(json) || json['type'] !== 'error') return undefined;
    const { message, type, details } = asObject(json['error']);
    if (typeof message !== 'string') return undefined;
    return { message, type, code: asObject(details)['error_code'], requestIdAt: findRequestId(body) };
  } catch {
    return undefined;
  }
}

/** Finds the `request_id` of the outermost object, for the same id may stand elsewhere. @throws JsonScanError */
function findRequestId(body: Buffer): { start: number; end: number } {
  const scanner = new JsonScanner(body);
  let found: { start: number; end: number } | undefined;
  scanner.object((key) => {
    const value = scanner.skip();
    if (key === 'request_id') found = value;
  });
  const closingBrace = scanner.position - 1;
  return found ?? { start: closingBrace, end: closingBrace };
}

/** The same bytes but for the request id: replaced where there is one, else put in as the last field. */
function withRequestId(body: Buffer, { requestIdAt: { start, end } }: UpstreamError, requestId: string): Buffer {
  const id = JSON.stringify(requestId);
  return Buffer.concat([
    body.subarray(0, start),
    Buffer.from(start === end ? `,"request_id":${id}` : id),
    body.subarray(end),
  ]);
}
