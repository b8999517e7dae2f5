import { describe, expect, it } from 'vitest';
import { forwardedHeaders } from './forwarded-headers';

const OURS = { 'content-type': 'application/json', 'accept-encoding': 'identity' };

describe('forwardedHeaders', () => {
  it('passes the version and betas on as they came, known or not', () => {
    const incoming = { 'anthropic-version': '2026-10-21', 'anthropic-beta': 'a-2025-01-01,  nobody-knows-this,,x' };
    expect(forwardedHeaders(incoming)).toEqual({ ...OURS, ...incoming });
  });

  it('names the older version where a client names none', () => {
    expect(forwardedHeaders({})).toEqual({ ...OURS, 'anthropic-version': '2023-06-01' });
  });

  it('passes on headers of the API that are yet to come', () => {
    expect(forwardedHeaders({ 'anthropic-new-thing': '1' })).toMatchObject({ 'anthropic-new-thing': '1' });
  });

  it.each([
    'x-api-key',
    'authorization',
    'cookie',
    'origin',
    'referer',
    'host',
    'connection',
    'keep-alive',
    'transfer-encoding',
    'te',
    'upgrade',
    'proxy-authorization',
    'content-length',
    'content-encoding',
    'x-forwarded-for',
    'x-forwarded-host',
    'forwarded',
    'cf-connecting-ip',
    'user-agent',
    'accept',
    'traceparent',
    'baggage',
    'x-stainless-os',
    'x-claude-code-session-id',
    'anthropic-workspace-id',
    'anthropic-user-profile-id',
    'anthropic-dangerous-direct-browser-access',
  ])('never passes %s on', (name) => {
    expect(forwardedHeaders({ [name]: 'secret' })).toEqual({ ...OURS, 'anthropic-version': '2023-06-01' });
  });

  it('asks for JSON and for no compression, whatever the client says', () => {
    expect(forwardedHeaders({ 'content-type': 'text/plain', 'accept-encoding': 'gzip, br' })).toMatchObject(OURS);
  });

  it('takes out betas that change who is billed, and no other', () => {
    const betas = (value: string): string | undefined =>
      forwardedHeaders({ 'anthropic-beta': value })['anthropic-beta'];
    expect(betas('a, user-profiles-2026-01-01,b')).toBe('a,b');
    expect(betas('user-profiles')).toBeUndefined();
    expect(betas('my-user-profiles')).toBe('my-user-profiles');
    expect(betas('')).toBeUndefined();
  });

  it('drops a value that could end its line', () => {
    for (const value of ['a\r\nx-api-key: b', 'a\nb', 'a\0b', 'a\u{1f642}']) {
      expect(forwardedHeaders({ 'anthropic-beta': value })).not.toHaveProperty('anthropic-beta');
    }
  });
});
