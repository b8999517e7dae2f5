import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BYTES_PER_TOKEN_DEFAULT, countOutputTokens, learnBytesPerToken } from './output-count';

const delivered = (text: number): { text: number; thinking: number; json: number } => ({ text, thinking: 0, json: 0 });

describe('countOutputTokens', () => {
  it("counts every kind of payload and rounds in the customer's favour", () => {
    expect(countOutputTokens({ text: 4, thinking: 4, json: 4 }, 4)).toBe(3);
    expect(countOutputTokens(delivered(7), 4)).toBe(1);
    expect(countOutputTokens(delivered(3), 4)).toBe(0);
    expect(countOutputTokens(delivered(0), 4)).toBe(0);
  });
});

describe('learnBytesPerToken', () => {
  it('comes close to a steady ratio after some hundred streams', () => {
    let ratio = BYTES_PER_TOKEN_DEFAULT;
    for (let stream = 0; stream < 100; stream += 1) ratio = learnBytesPerToken(ratio, delivered(6_000), 1_000, 0);
    expect(ratio).toBeGreaterThan(5.9);
    expect(ratio).toBeLessThanOrEqual(6);
  });

  it('learns nothing from a stream of a few tokens', () => {
    expect(learnBytesPerToken(4, delivered(1_000), 19, 0)).toBe(4);
  });

  it('leaves thinking out on both sides, since it may be summarised or withheld', () => {
    expect(learnBytesPerToken(4, { text: 400, thinking: 0, json: 0 }, 5_000, 4_900)).toBe(4);
    expect(learnBytesPerToken(4, { text: 400, thinking: 90_000, json: 0 }, 5_000, 4_900)).toBe(4);
  });

  it('learns nothing from a count that is no number', () => {
    expect(learnBytesPerToken(4, delivered(9_000), 1_000, Number.NaN)).toBe(4);
  });

  it('never leaves what is plausible, whatever it is told', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { maxLength: 200 }), (streams) => {
        const ratio = streams.reduce(
          (so, [bytes, tokens, thinking]) => learnBytesPerToken(so, delivered(bytes), tokens, thinking),
          BYTES_PER_TOKEN_DEFAULT,
        );
        expect(ratio).toBeGreaterThanOrEqual(1);
        expect(ratio).toBeLessThanOrEqual(12);
      }),
    );
  });
});
