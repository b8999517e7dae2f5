const EXPOSED = [
  'request-id',
  'retry-after',
  'x-should-retry',
  'x-saverouter-max-tokens',
  ...['requests', 'input-tokens', 'output-tokens'].flatMap((kind) =>
    ['limit', 'remaining', 'reset'].map((field) => `anthropic-ratelimit-${kind}-${field}`),
  ),
].join(', ');

/** What a preflight allows where the browser named nothing: each header spelt out, as `*` never covers `authorization`. */
const ALLOWED_HEADERS =
  'x-api-key, authorization, anthropic-version, anthropic-beta, anthropic-dangerous-direct-browser-access, content-type';
/** A list of header names, which may hold any character of an HTTP token. */
const HEADER_LIST = /^[\w!#$%&'*+.^`|~-]+(?:[ \t]*,[ \t]*[\w!#$%&'*+.^`|~-]+)*$/;
const DAY_SECONDS = '86400';

/** On every answer of the API, errors included. Keys authenticate and cookies never do, so any origin may ask. */
export const CORS_HEADERS: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': EXPOSED,
};

/** The answer to a preflight, which needs no key. */
export function preflightHeaders(requestedHeaders: string | undefined): Record<string, string> {
  return {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers':
      requestedHeaders !== undefined && HEADER_LIST.test(requestedHeaders) ? requestedHeaders : ALLOWED_HEADERS,
    'access-control-max-age': DAY_SECONDS,
    vary: 'access-control-request-headers',
  };
}
