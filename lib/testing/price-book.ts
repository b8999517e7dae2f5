import { PriceBook, type CatalogueModel, type Price } from '@/lib/domain/price-book';

export const OPUS = 'claude-opus-4-8';
export const SONNET = 'claude-sonnet-4-6';
export const HAIKU = 'claude-haiku-4-5';
/** A model whose prices divide badly, for what rounding has to be shown on. */
export const ODD = 'claude-odd-1';

/** When Sonnet's price changes in the sample book, from 4 and 20 USD per million tokens to 3 and 15. */
export const SONNET_PRICE_CHANGE = new Date('2026-06-01T00:00:00Z');

const FROM_THE_START = new Date('2026-01-01T00:00:00Z');
/** 10 USD per thousand searches, in nano-USD per million. */
const WEB_SEARCH_NANO = 10_000_000_000_000n;

const opusPrice: Price = {
  id: 'price_opus',
  modelId: OPUS,
  effectiveFrom: FROM_THE_START,
  inputNano: 5_000_000_000n,
  outputNano: 25_000_000_000n,
  cacheWrite5mNano: 6_250_000_000n,
  cacheWrite1hNano: 10_000_000_000n,
  cacheReadNano: 500_000_000n,
  webSearchNano: WEB_SEARCH_NANO,
  fastPercent: 200,
  usPercent: 110,
  batchPercent: 50,
};

const sonnetPrice: Price = {
  ...opusPrice,
  id: 'price_sonnet_2',
  modelId: SONNET,
  effectiveFrom: SONNET_PRICE_CHANGE,
  inputNano: 3_000_000_000n,
  outputNano: 15_000_000_000n,
  cacheWrite5mNano: 3_750_000_000n,
  cacheWrite1hNano: 6_000_000_000n,
  cacheReadNano: 300_000_000n,
  fastPercent: null,
};

const sonnetOldPrice: Price = {
  ...sonnetPrice,
  id: 'price_sonnet_1',
  effectiveFrom: FROM_THE_START,
  inputNano: 4_000_000_000n,
  outputNano: 20_000_000_000n,
  cacheWrite5mNano: 5_000_000_000n,
  cacheWrite1hNano: 8_000_000_000n,
  cacheReadNano: 400_000_000n,
};

const haikuPrice: Price = {
  ...sonnetPrice,
  id: 'price_haiku',
  modelId: HAIKU,
  effectiveFrom: FROM_THE_START,
  inputNano: 1_000_000_000n,
  outputNano: 5_000_000_000n,
  cacheWrite5mNano: 1_250_000_000n,
  cacheWrite1hNano: 2_000_000_000n,
  cacheReadNano: 100_000_000n,
  usPercent: 100,
};

const oddPrice: Price = {
  ...opusPrice,
  id: 'price_odd',
  modelId: ODD,
  effectiveFrom: new Date('2026-02-01T00:00:00Z'),
  inputNano: 1n,
  outputNano: 999_999_999n,
  cacheWrite5mNano: 7n,
  cacheWrite1hNano: 11n,
  cacheReadNano: 333_333_333n,
};

export const SAMPLE_PRICES: readonly Price[] = [sonnetPrice, opusPrice, oddPrice, sonnetOldPrice, haikuPrice];

export const SAMPLE_MODELS: readonly CatalogueModel[] = [
  sampleModel(OPUS, [], 128_000),
  sampleModel(SONNET, [], 64_000),
  sampleModel(HAIKU, ['claude-haiku-4-5-20251001'], 64_000),
  sampleModel(ODD, [], 64_000),
];

/** The three models at their published prices, Sonnet with an older price, and the odd one. */
export const SAMPLE_BOOK = new PriceBook(SAMPLE_MODELS, SAMPLE_PRICES);

function sampleModel(id: string, aliases: string[], maxTokens: number): CatalogueModel {
  return {
    id,
    displayName: id,
    aliases,
    maxInputTokens: 200_000,
    maxTokens,
    releasedAt: FROM_THE_START,
    details: {},
  };
}
