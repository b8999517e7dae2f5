import { describe, expect, it } from 'vitest';
import { OPUS, SAMPLE_BOOK } from '@/lib/testing/price-book';
import { chargeFor, type Answered } from './charge';
import { SETTLED_FROM, type Ending } from './ending';

const AT = new Date('2026-11-01T00:00:00Z');
/** 100 tokens in and 40 out on Opus: 500,000 and 1,000,000 nano-dollars. */
const EXACT: Answered = {
  ending: 'finished',
  usage: { input_tokens: 100, output_tokens: 40 },
  servedModel: OPUS,
  stopReason: 'end_turn',
  outputIsExact: true,
  delivered: { text: 30, thinking: 7, json: 4 },
  outputTokensMax: 1_000,
};
/** Left after 41 bytes, of which 4 make a token: 10 tokens, 250,000 nano-dollars. */
const PARTIAL: Answered = {
  ...EXACT,
  usage: { input_tokens: 100, output_tokens: 1 },
  stopReason: null,
  outputIsExact: false,
};

describe('chargeFor', () => {
  it('never counts more output than was asked for, whatever was delivered', () => {
    const left = { ...PARTIAL, ending: 'client_left', outputTokensMax: 3 } as const;
    expect(chargeFor(SAMPLE_BOOK, OPUS, left, 4, AT)).toMatchObject({ settledFrom: 'counted', amountNano: 575_000n });
  });

  it("charges a finished answer by the upstream's usage, exactly", () => {
    expect(charge(EXACT)).toMatchObject({ settledFrom: 'usage', amountNano: 1_500_000n, forgivenNano: 0n, flags: [] });
  });

  it.each<Ending>(['client_left', 'client_left_early', 'balance_exhausted'])(
    'charges %s its exact input and the output counted as delivered, never the placeholder',
    (ending) => {
      const counted = charge({ ...PARTIAL, ending });
      expect(counted).toMatchObject({ settledFrom: 'counted', amountNano: 750_000n, forgivenNano: 0n });
      expect(counted.usage.outputTokens).toBe(10);
    },
  );

  it('charges a client that left after the last word on usage exactly', () => {
    expect(charge({ ...EXACT, ending: 'client_left' })).toMatchObject({ settledFrom: 'usage', amountNano: 1_500_000n });
  });

  it('charges nothing where there was no usage, and says so when there should have been', () => {
    const nothing = { settledFrom: 'none', amountNano: 0n, lines: [] };
    expect(charge({ ...EXACT, usage: undefined })).toMatchObject({ ...nothing, flags: ['usage_missing'] });
    expect(charge({ ...PARTIAL, usage: undefined, ending: 'client_left_early' })).toMatchObject({
      ...nothing,
      flags: [],
    });
  });

  const broken = (Object.keys(SETTLED_FROM) as Ending[]).filter((ending) => SETTLED_FROM[ending] === 'none');
  it.each(broken)('charges nothing for %s, and tells the operator what was lost', (ending) => {
    expect(charge({ ...PARTIAL, ending })).toMatchObject({
      settledFrom: 'none',
      amountNano: 0n,
      lines: [],
      forgivenNano: 750_000n,
    });
    expect(charge({ ...EXACT, ending })).toMatchObject({
      settledFrom: 'none',
      amountNano: 0n,
      lines: [],
      forgivenNano: 1_500_000n,
    });
  });

  it('counts the output of a finished answer whose usage never came to its end, and flags it', () => {
    expect(charge({ ...PARTIAL, ending: 'finished' })).toMatchObject({
      settledFrom: 'counted',
      amountNano: 750_000n,
      flags: ['output_counted'],
    });
  });

  it('charges nothing for a refusal before any output, as the upstream does', () => {
    const refused = { ...EXACT, stopReason: 'refusal', usage: { input_tokens: 100, output_tokens: 0 } };
    expect(charge(refused)).toMatchObject({ amountNano: 0n, forgivenNano: 0n, lines: [] });
    expect(charge({ ...refused, usage: { input_tokens: 100, output_tokens: 40 } }).amountNano).toBe(1_500_000n);
    expect(charge({ ...refused, stopReason: 'max_tokens' }).amountNano).toBe(500_000n);
  });

  it('has a rule for each of the eleven endings', () => {
    expect(Object.keys(SETTLED_FROM)).toHaveLength(11);
    expect(broken).toEqual([
      'refused',
      'upstream_failed',
      'stalled',
      'malformed',
      'stopped',
      'gateway_failed',
      'crashed',
    ]);
  });
});

function charge(answered: Answered): ReturnType<typeof chargeFor> {
  return chargeFor(SAMPLE_BOOK, OPUS, answered, 4, AT);
}
