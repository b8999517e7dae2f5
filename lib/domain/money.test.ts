import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divideRoundingUp, formatUsd, parseUsd } from './money';

describe('parseUsd', () => {
  it.each([
    ['0', 0n],
    ['10', 10_000_000_000n],
    ['0.25', 250_000_000n],
    ['0.000000001', 1n],
    [' 7.5 ', 7_500_000_000n],
    ['007', 7_000_000_000n],
    ['999999999.999999999', 999_999_999_999_999_999n],
  ])('reads %j exactly', (text, amountNano) => {
    expect(parseUsd(text)).toBe(amountNano);
  });

  it.each([
    '',
    ' ',
    '-1',
    '+1',
    '1.',
    '.5',
    '1e3',
    '1,5',
    '1_000',
    '$1',
    '0x10',
    '1.0000000001',
    '1000000000',
    'NaN',
    '٣',
    '1 2',
  ])('refuses %j and says how to write it', (text) => {
    expect(() => parseUsd(text)).toThrow(RangeError);
    expect(() => parseUsd(text)).toThrow('write it like 10 or 0.25');
  });
});

describe('formatUsd', () => {
  it.each([
    [0n, '0.00'],
    [1n, '0.000000001'],
    [10_000_000n, '0.01'],
    [500_000_000n, '0.50'],
    [123_456_000n, '0.123456'],
    [1_000_000_000n, '1.00'],
    [100_000_000_000n, '100.00'],
    [-1n, '-0.000000001'],
    [-2_500_000_000n, '-2.50'],
  ])('writes %s as %s', (amountNano, text) => {
    expect(formatUsd(amountNano)).toBe(text);
  });

  it('never rounds: what it writes reads back as the same amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 999_999_999_999_999_999n }), (amountNano) => {
        expect(parseUsd(formatUsd(amountNano))).toBe(amountNano);
        expect(formatUsd(-amountNano)).toBe(amountNano === 0n ? '0.00' : `-${formatUsd(amountNano)}`);
      }),
    );
  });
});

describe('divideRoundingUp', () => {
  it('is the least whole number that covers the quotient', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 30n }),
        fc.bigInt({ min: 1n, max: 10n ** 15n }),
        (numerator, denominator) => {
          const quotient = divideRoundingUp(numerator, denominator);
          expect(quotient * denominator).toBeGreaterThanOrEqual(numerator);
          expect((quotient - 1n) * denominator).toBeLessThan(numerator);
        },
      ),
    );
  });
});
