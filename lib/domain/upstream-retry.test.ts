import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryDelayMs } from './upstream-retry';

const RETRIED = [408, 500, 502, 503, 529];

function afterStatus(status: number, retryAfter?: string, tries = 1, random = 0.5): number | undefined {
  return retryDelayMs(tries, { status, retryAfter }, random);
}

describe('retryDelayMs', () => {
  it.each(RETRIED)('tries again after a %i, which comes before anything was generated', (status) => {
    expect(afterStatus(status)).toBe(250);
  });

  it('tries again where no connection came about, and never where the upstream may be at work or the client left', () => {
    expect(retryDelayMs(1, { unreachable: 'connection' }, 0.5)).toBe(250);
    expect(retryDelayMs(1, { unreachable: 'timeout' }, 0.5)).toBeUndefined();
    expect(retryDelayMs(1, { unreachable: 'aborted' }, 0.5)).toBeUndefined();
  });

  it('G-54 lets every other answer stand: it came, or the same request would bring it again', () => {
    const retried = [];
    for (let status = 100; status < 600; status += 1) {
      if (afterStatus(status) !== undefined) retried.push(status);
    }
    expect(retried).toEqual(RETRIED);
  });

  it.each([200, 400, 401, 402, 403, 404, 405, 409, 413, 415, 422, 504])(
    'G-54 never repeats a %i, not even where the upstream names a wait',
    (status) => {
      for (const retryAfter of ['0', '1', '2']) expect(afterStatus(status, retryAfter)).toBeUndefined();
    },
  );

  it('makes three tries in all, and no more', () => {
    for (const failure of [{ status: 529, retryAfter: undefined }, { unreachable: 'connection' }] as const) {
      const delaysMs = [1, 2, 3, 4, 100].map((tries) => retryDelayMs(tries, failure, 0.5));
      expect(delaysMs).toEqual([250, 500, undefined, undefined, undefined]);
    }
    expect(afterStatus(429, '1', 3)).toBeUndefined();
  });

  it('spreads the tries of many clients by a quarter to either side', () => {
    expect(afterStatus(500, undefined, 1, 0)).toBe(187.5);
    expect(afterStatus(500, undefined, 1, 0.999_999)).toBeCloseTo(312.5, 2);
    expect(afterStatus(500, undefined, 2, 0)).toBe(375);
  });

  it('never comes back before the upstream says', () => {
    expect(afterStatus(529, '1')).toBe(1_000);
    expect(afterStatus(503, '1.5', 2)).toBe(1_500);
    expect(afterStatus(529, '2')).toBe(2_000);
    expect(afterStatus(529, '0')).toBe(250);
    expect(afterStatus(529, '0.1', 2)).toBe(500);
    expect(afterStatus(529, '-5')).toBe(250);
  });

  it.each(['2.001', '3', '60', '3600', 'Infinity', 'Wed, 21 Oct 2037 07:28:00 GMT', 'soon'])(
    'leaves a wait that is long or unreadable to the client: %s',
    (retryAfter) => {
      for (const status of [...RETRIED, 429]) expect(afterStatus(status, retryAfter)).toBeUndefined();
    },
  );

  it('tries a 429 again only where a short wait will do: without one it is a spend cap', () => {
    expect(afterStatus(429)).toBeUndefined();
    expect(afterStatus(429, '1')).toBe(1_000);
    expect(afterStatus(429, '0')).toBe(250);
  });

  it('keeps a client waiting for at most 2 s a try, whatever the upstream sends', () => {
    const failure = fc.record({
      status: fc.integer({ min: 100, max: 599 }),
      retryAfter: fc.option(fc.oneof(fc.string(), fc.double().map(String)), { nil: undefined }),
    });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), failure, random, (tries, failed, at) => {
        const delayMs = retryDelayMs(tries, failed, at);
        if (delayMs === undefined) return;
        expect(tries).toBeLessThan(3);
        expect(delayMs).toBeGreaterThan(0);
        expect(delayMs).toBeLessThanOrEqual(2_000);
      }),
      { numRuns: 1_000 },
    );
  });
});
