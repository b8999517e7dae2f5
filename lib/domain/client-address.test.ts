import { describe, expect, it } from 'vitest';
import { clientAddress } from './client-address';

describe('the address that failed authentications are counted by', () => {
  it('is the peer where no proxy is trusted, whatever a client claims', () => {
    expect(clientAddress('10.0.0.9', '1.1.1.1', 0)).toBe('10.0.0.9');
  });

  it('is what the outermost trusted proxy heard from, so that entries a client made up count for nothing', () => {
    expect(clientAddress('10.0.0.9', '6.6.6.6, 1.1.1.1', 1)).toBe('1.1.1.1');
    expect(clientAddress('10.0.0.9', '6.6.6.6, 1.1.1.1, 10.0.0.8', 2)).toBe('1.1.1.1');
  });

  it('is the peer where the trusted proxies said nothing', () => {
    expect(clientAddress('10.0.0.9', undefined, 1)).toBe('10.0.0.9');
    expect(clientAddress('10.0.0.9', '', 1)).toBe('10.0.0.9');
    expect(clientAddress('10.0.0.9', '1.1.1.1', 2)).toBe('10.0.0.9');
  });
});
