import { describe, expect, it } from 'vitest';
import { originForm } from './request-target';

describe('originForm', () => {
  it.each(['/', '/v1/messages?beta=true', '//example.com/x', '/http://example.com/', '/\\example.com', '/%zz'])(
    'leaves a path as it is: %s',
    (target) => {
      expect(originForm(target)).toBe(target);
    },
  );

  it.each([
    ['http://example.com/v1/messages?beta=true', '/v1/messages?beta=true'],
    ['HTTPS://user:password@example.com:99999/v1/models', '/v1/models'],
    ['http://example.com', '/'],
    ['http://example.com?limit=1', '/?limit=1'],
    ['http:///v1/models', '/v1/models'],
    ['http://[::1]:80/a', '/a'],
    ['http://a//b.example/', '//b.example/'],
    ['ws://example.com/socket', '/socket'],
  ])('takes the path of a whole URL, and never its host: %s', (target, path) => {
    expect(originForm(target)).toBe(path);
  });

  it.each(['*', '', '?x', 'v1/messages', 'example.com:443', 'mailto:a@example.com', '://x/'])(
    'knows no path in %j',
    (target) => {
      expect(originForm(target)).toBeUndefined();
    },
  );
});
