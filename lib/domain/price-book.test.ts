import { describe, expect, it } from 'vitest';
import {
  HAIKU,
  ODD,
  OPUS,
  SAMPLE_BOOK,
  SAMPLE_MODELS,
  SAMPLE_PRICES,
  SONNET,
  SONNET_PRICE_CHANGE,
} from '@/lib/testing/price-book';
import { PriceBook } from './price-book';

const LATE = new Date('2026-11-01T00:00:00Z');
const JUST_BEFORE_CHANGE = new Date(SONNET_PRICE_CHANGE.getTime() - 1);

describe('PriceBook', () => {
  it('finds a model by its id and by each alias', () => {
    expect(SAMPLE_BOOK.findModel(HAIKU)?.id).toBe(HAIKU);
    expect(SAMPLE_BOOK.findModel('claude-haiku-4-5-20251001')?.id).toBe(HAIKU);
    expect(SAMPLE_BOOK.findPrice('claude-haiku-4-5-20251001', LATE)?.id).toBe('price_haiku');
  });

  it.each(['claude-foo', '', 'CLAUDE-OPUS-4-8', 'claude-opus-4-8 ', 'constructor', '__proto__'])(
    'knows no model %j',
    (name) => {
      expect(SAMPLE_BOOK.findModel(name)).toBeUndefined();
      expect(SAMPLE_BOOK.findPrice(name, LATE)).toBeUndefined();
    },
  );

  it('changes a price at the very instant it is in force from', () => {
    expect(SAMPLE_BOOK.findPrice(SONNET, JUST_BEFORE_CHANGE)?.id).toBe('price_sonnet_1');
    expect(SAMPLE_BOOK.findPrice(SONNET, SONNET_PRICE_CHANGE)?.id).toBe('price_sonnet_2');
  });

  it('finds the same price in whatever order prices are given', () => {
    const reversed = new PriceBook(SAMPLE_MODELS, SAMPLE_PRICES.toReversed());
    for (const at of [JUST_BEFORE_CHANGE, SONNET_PRICE_CHANGE, LATE]) {
      expect(reversed.findPrice(SONNET, at)).toBe(SAMPLE_BOOK.findPrice(SONNET, at));
    }
  });

  it('has no price before the first is in force, and does not offer the model until then', () => {
    const early = new Date('2026-01-15T00:00:00Z');
    expect(SAMPLE_BOOK.findPrice(ODD, early)).toBeUndefined();
    expect(SAMPLE_BOOK.offeredAt(early).map(({ id }) => id)).toEqual([OPUS, SONNET, HAIKU]);
    expect(SAMPLE_BOOK.offeredAt(LATE).map(({ id }) => id)).toEqual([OPUS, SONNET, HAIKU, ODD]);
    expect(SAMPLE_BOOK.offeredAt(new Date(0))).toEqual([]);
  });

  it('leaves the list it was given as it was', () => {
    const given = [...SAMPLE_PRICES];
    new PriceBook(SAMPLE_MODELS, given);
    expect(given).toEqual(SAMPLE_PRICES);
  });
});
