import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseGatewayPath } from './gateway-path';

const RESOURCES = [
  'messages',
  'messages/count_tokens',
  'models',
  'models/claude-opus-4-8',
  'models/claude-haiku-4-5-20251001',
];

describe('normaliseGatewayPath', () => {
  it.each(RESOURCES)('brings every spelling of %s to the one that is routed', (resource) => {
    const canonical = `/v1/${resource}`;
    const doubled = resource.replaceAll('/', '//');
    for (const spelling of [
      `/v1/${resource}`,
      `/${resource}`,
      `/v1/v1/${resource}`,
      `/v1/v1/v1/${resource}`,
      `/v1/${resource}/`,
      `/${resource}//`,
      `//v1//${doubled}`,
      `///${doubled}/`,
      `/v1/v1//${doubled}///`,
    ]) {
      expect(normaliseGatewayPath(spelling)).toBe(canonical);
      expect(normaliseGatewayPath(`${spelling}?beta=true`)).toBe(`${canonical}?beta=true`);
    }
  });

  it('leaves the query alone, whatever stands in it', () => {
    expect(normaliseGatewayPath('/v1/v1/messages/?next=//v1//messages/&x=?')).toBe(
      '/v1/messages?next=//v1//messages/&x=?',
    );
    expect(normaliseGatewayPath('/docs?path=/v1/v1/messages/')).toBe('/docs?path=/v1/v1/messages/');
    expect(normaliseGatewayPath('/messages?')).toBe('/v1/messages?');
  });

  it.each([
    '/',
    '//',
    '/docs',
    '/docs/',
    '/docs//models',
    '/docs/models',
    '/docs/v1/messages',
    '/pricing',
    '/usage',
    '/api/health',
    '/api//keys/',
    '/messages-of-the-day',
    '/message',
    '/modelsheet',
    '/v1beta/messages',
    '/v11/messages',
    '/V1/messages',
    '/_next/static/chunks/a.js',
    '/messages/1',
    '/models/a/b',
    '',
    '*',
    '?beta=true',
  ])('never touches a page or any other path: %j', (url) => {
    expect(normaliseGatewayPath(url)).toBe(url);
  });

  it.each([
    ['/v1', '/v1'],
    ['/v1/', '/v1'],
    ['/v1/messages/batches', '/v1/messages/batches'],
    ['/v1//files/', '/v1/files'],
    ['//v1/complete?x=1', '/v1/complete?x=1'],
    ['/v1/messages/v1/messages', '/v1/messages/v1/messages'],
  ])('keeps what is not served under the API, where it is told so: %s', (url, normalised) => {
    expect(normaliseGatewayPath(url)).toBe(normalised);
  });

  it.each([
    ['/v1/%zz', '/v1/%25zz'],
    ['/models/%', '/v1/models/%25'],
    ['/v1/models/%c0%af?a=%', '/v1/models/%25c0%25af?a=%'],
    ['/v1/models/claude%2Dopus', '/v1/models/claude%2Dopus'],
    ['/docs/%zz', '/docs/%zz'],
  ])('makes a path under the API decodable, for Next fails on others: %s', (url, normalised) => {
    expect(normaliseGatewayPath(url)).toBe(normalised);
  });

  it('is done after one time, for every path', () => {
    const segment = fc.oneof(
      fc.constantFrom('v1', 'messages', 'count_tokens', 'models', 'docs', '', '.', '..', '%2F'),
      fc.webSegment(),
    );
    const url = fc
      .tuple(fc.array(segment, { maxLength: 8 }), fc.constantFrom('', '?', '?a=//b/', '/?x'))
      .map(([segments, query]) => `/${segments.join('/')}${query}`);
    fc.assert(
      fc.property(url, (path) => {
        const once = normaliseGatewayPath(path);
        expect(normaliseGatewayPath(once)).toBe(once);
        expect(once.split('?').slice(1)).toEqual(path.split('?').slice(1));
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not slow down on long paths', () => {
    const slashes = '/'.repeat(50_000);
    expect(normaliseGatewayPath(`${slashes}messages${slashes}`)).toBe('/v1/messages');
    expect(normaliseGatewayPath(`/v1${'/v1'.repeat(20_000)}/messages`)).toBe('/v1/messages');
  });
});
