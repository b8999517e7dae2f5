import { generateApiKey } from '@/lib/domain/api-key';
import { between, pick, type Random } from './random';

export type HeaderLine = [name: string, value: string];

/** Keys of a run: one with credit, one of an account whose credit is nearly gone. */
export interface RunKeys {
  rich: string;
  poor: string;
}

const METHODS = [
  ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'CONNECT', 'PROPFIND', 'QUERY', 'M-SEARCH'],
  ...['PURGE', 'get', 'Post', 'PRI', 'G\u0000T', 'MESSAGES', '', 'POST '.repeat(3), 'A'.repeat(500)],
];
const API_TARGETS = [
  ...[
    '/v1/messages',
    '/messages',
    '/v1/v1/messages/',
    '//v1//messages',
    '/v1/messages/count_tokens',
    '/v1/models',
    '/models',
  ],
  ...[
    '/v1/models/claude-haiku-4-5',
    '/v1/models/__proto__',
    '/v1/models/%00',
    '/v1/models/%zz',
    '/v1/models/%c0%af',
    '/v1/models/..',
  ],
  ...[
    '/v1',
    '/v1/',
    '/v1/%2e%2e/%2e%2e/etc/passwd',
    '/v1/messages/../../api',
    '/v1/messages%00',
    '/v1/messages/batches',
    '/v1/files',
  ],
  ...[
    '/v1/messages?beta=true',
    '/v1/messages?beta=%zz',
    '/v1/messages?beta=true&beta=false',
    '/v1/models?limit=1e999',
    '/v1/models?limit=-1',
  ],
  ...[
    '/v1/models?limit=%00&after_id=%ff',
    '/v1/models?__proto__=1&constructor=2',
    '/v1/models?after_id=&before_id=',
    '/v1/messages#x',
  ],
  ...['/v1/models/' + 'a'.repeat(8000), '/v1/models?' + 'a=b&'.repeat(2000), '/v1/messages;x=y', '/v1/\\..\\messages'],
  ...[
    'http://127.0.0.1:9/v1/messages',
    'HTTP://user@example.invalid/v1/models',
    'https://[::1]:99999/v1/models?limit=1',
  ],
];
const OTHER_TARGETS = [
  ...[
    '/',
    '*',
    '/../../../etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/%',
    '/%ff',
    '/\u00ff\u00fe',
    '/.env',
    '/.git/config',
    '/%2e%2e/.env',
  ],
  ...[
    '/_next/static/../../server/app',
    '/_next/image?url=http://127.0.0.1:9/&w=64&q=75',
    '/_next/data/x/%zz.json',
    '/_next/static/chunks/%zz',
  ],
  ...[
    '/api/health',
    '/api/health/%ff',
    '/api/%00',
    '//example.invalid/',
    '/\\example.invalid/',
    '/.//example.invalid',
    '///',
    '/?__proto__[a]=1',
  ],
  ...[
    'http://127.0.0.1:9/',
    'http://',
    'http://[',
    'http:',
    'v1/messages',
    '?',
    'a:b',
    '/V1/messages',
    '/v1beta/models',
    '/' + 'a'.repeat(9000),
  ],
];
const VALUES = [
  ...[
    '',
    ' ',
    ',',
    ', ,',
    '\u00ff\u00fe',
    '%00',
    '"',
    '\u0001',
    'a\u0000b',
    '0',
    '-1',
    '1e999',
    'null',
    '*',
    '2023-06-01',
    '9999-99-99',
    'x'.repeat(3000),
  ],
  ...[
    'keep-alive, close',
    'chunked',
    'identity',
    '__proto__',
    'true',
    '../..',
    '(',
    'a\r\n b',
    'gzip;q=9',
    'text/html',
    '\u0085',
    '0x10',
    '🙂',
  ],
];
const NAMES = [
  ...[
    'anthropic-version',
    'anthropic-beta',
    'anthropic-workspace-id',
    'anthropic-dangerous-direct-browser-access',
    'anthropic-',
    'x-api-key',
  ],
  ...[
    'authorization',
    'content-type',
    'content-encoding',
    'accept',
    'accept-encoding',
    'accept-language',
    'cookie',
    'origin',
    'host',
    'expect',
  ],
  ...[
    'connection',
    'keep-alive',
    'upgrade',
    'te',
    'trailer',
    'range',
    'if-none-match',
    'x-forwarded-for',
    'x-forwarded-host',
    'forwarded',
  ],
  ...[
    'x-http-method-override',
    'access-control-request-headers',
    'access-control-request-method',
    '__proto__',
    'constructor',
    'set-cookie',
  ],
  ...[
    'next-action',
    'rsc',
    'next-router-state-tree',
    'x-middleware-subrequest',
    'x-invoke-path',
    'x-matched-path',
    'x-nextjs-data',
    'http2-settings',
  ],
  ...['', ' x', 'x y', 'x\u0000', 'x(', 'é', 'x'.repeat(9000)],
];
const VERSIONS = [
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/1.2',
  'HTTP/9',
  'http/1.1',
  'HTTP/1.1 x',
  '',
  'HTTPS/1.1',
];

export function oddMethod(random: Random): string {
  return pick(random, METHODS);
}

export function oddTarget(random: Random): string {
  return pick(random, random() < 0.6 ? API_TARGETS : OTHER_TARGETS);
}

export function oddVersion(random: Random): string {
  return pick(random, VERSIONS);
}

/** One to four headers that nobody sends, or not like this, or not twice. */
export function oddHeaders(random: Random): HeaderLine[] {
  const kind = random();
  if (kind < 0.08)
    return Array.from({ length: between(random, 500, 3000) }, (_, at): HeaderLine => [`x-${String(at)}`, '1']);
  if (kind < 0.14) return [[pick(random, NAMES), 'a'.repeat(between(random, 8_000, 70_000))]];
  if (kind < 0.2) return [['expect', pick(random, ['100-continue', '200-ok', '', '100-continue, x'])]];
  if (kind < 0.26) return [['connection', pick(random, ['Upgrade', 'Upgrade, HTTP2-Settings'])], ['upgrade', pick(random, ['h2c', 'websocket', ''])]]; // prettier-ignore
  return Array.from({ length: between(random, 1, 4) }, (): HeaderLine => [pick(random, NAMES), pick(random, VALUES)]);
}

/** Mostly a good key, else one of the ways to have none. */
export function credentials(random: Random, { rich, poor }: RunKeys): HeaderLine[] {
  const kind = random();
  if (kind < 0.7) return [['x-api-key', rich]];
  if (kind < 0.78) return [['x-api-key', poor]];
  return pick<HeaderLine[]>(random, [
    [],
    [['x-api-key', generateApiKey()]],
    [['x-api-key', rich.slice(0, -1)]],
    [['x-api-key', rich.toUpperCase()]],
    [['x-api-key', `${rich}\u00a0`]],
    [['x-api-key', rich], ['x-api-key', rich]], // prettier-ignore
    [['authorization', `Bearer ${rich}`]],
    [['authorization', `Bearer ${rich}`], ['anthropic-version', '2026-10-21']], // prettier-ignore
    [['authorization', `Basic ${Buffer.from(`x:${rich}`).toString('base64')}`]],
    [['authorization', 'Bearer '.repeat(300)]],
    [['x-api-key', 'sk-sr-v1-'], ['authorization', 'Bearer']], // prettier-ignore
  ]);
}
