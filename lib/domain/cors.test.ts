import { describe, expect, it } from 'vitest';
import { CORS_HEADERS, preflightHeaders } from './cors';
import { rateLimitHeaders } from './rate-limit-answer';

function names(list: string | undefined): string[] {
  return (list ?? '').split(',').map((name) => name.trim());
}

function allowedHeaders(requested?: string): string | undefined {
  return preflightHeaders(requested)['access-control-allow-headers'];
}

describe('G-55 CORS_HEADERS', () => {
  it('let any origin read an answer, and never with cookies', () => {
    expect(CORS_HEADERS['access-control-allow-origin']).toBe('*');
    expect(CORS_HEADERS).not.toHaveProperty('access-control-allow-credentials');
  });

  it('show a browser every header of ours, each by its name: a wildcard in a name means nothing', () => {
    const limits = { requestsPerMinute: 1, inputTokensPerMinute: 1, outputTokensPerMinute: 1, concurrentRequests: 1 };
    const levels = { atMs: 0, requests: 0, inputTokens: 0, outputTokens: 0 };
    const rateLimits = rateLimitHeaders({
      nowMs: 0,
      refusal: { scope: 'key', dimension: 'requests', limit: 1, waitMs: 1_000 },
      key: { limits, levels },
      account: { limits, levels },
    });
    expect(Object.keys(rateLimits)).toHaveLength(10);
    const exposed = names(CORS_HEADERS['access-control-expose-headers']);
    expect(exposed).toEqual(
      expect.arrayContaining([
        'request-id',
        'retry-after',
        'x-should-retry',
        'x-saverouter-max-tokens',
        ...Object.keys(rateLimits),
      ]),
    );
    for (const name of exposed) expect(name).toMatch(/^[a-z-]+$/);
    expect(new Set(exposed).size).toBe(exposed.length);
  });
});

describe('G-55 preflightHeaders', () => {
  it('allow any origin for a day, and never with cookies', () => {
    expect(preflightHeaders('x-api-key')).toEqual({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers': 'x-api-key',
      'access-control-max-age': '86400',
      vary: 'access-control-request-headers',
    });
  });

  it.each([
    'x-api-key,anthropic-version,content-type',
    'authorization, x-stainless-lang , x-stainless-retry-count',
    'Anthropic-Dangerous-Direct-Browser-Access',
    'x_client.version,x-tool~1',
  ])('allow what the browser asks for, whatever a client adds: %s', (requested) => {
    expect(allowedHeaders(requested)).toBe(requested);
  });

  it('name each header of the API where the browser names none, for `*` does not cover authorization', () => {
    const allowed = names(allowedHeaders());
    expect(allowed).toEqual([
      'x-api-key',
      'authorization',
      'anthropic-version',
      'anthropic-beta',
      'anthropic-dangerous-direct-browser-access',
      'content-type',
    ]);
  });

  it.each(['', ',', 'a,,b', 'x-a, ', 'x a', 'x-a\r\nset-cookie: b=c', 'x-a,\nx-b', 'x-ä', '"x"', 'a:b', 'a;b', '<x>'])(
    'never echo what is no list of header names: %j',
    (requested) => {
      expect(allowedHeaders(requested)).toBe(allowedHeaders());
    },
  );

  it('do not slow down on long lists', () => {
    const long = 'a,'.repeat(50_000);
    expect(allowedHeaders(long)).toBe(allowedHeaders());
    expect(allowedHeaders(`${long}a`)).toBe(`${long}a`);
    expect(allowedHeaders(`a${' '.repeat(50_000)}b`)).toBe(allowedHeaders());
  });
});
