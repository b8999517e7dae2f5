import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HAIKU, ODD, OPUS, SAMPLE_BOOK, SONNET } from '@/lib/testing/price-book';
import { affordableOutputTokens, estimateHold, estimateInputTokens, holdFor, type HoldEstimate } from './hold';
import { scanMessagesBody } from './messages-body';
import type { Price } from './price-book';
import { priceUsage } from './pricing';
import { parseUsage, type UsageJson } from './usage';

type Asked = Parameters<typeof estimateHold>[0];

const LATE = new Date('2026-11-01T00:00:00Z');
const PLAIN: Asked = {
  textBytes: 3_000,
  images: 0,
  documentBytes: 0,
  documentUrls: 0,
  tools: [],
  fields: ['model', 'max_tokens', 'messages'],
  cache: 'none',
  speed: undefined,
  inferenceGeo: undefined,
};

describe('estimateInputTokens', () => {
  it('takes a token for every three bytes of text, and never fewer', () => {
    expect(estimateInputTokens(PLAIN)).toBe(1_000);
    expect(estimateInputTokens({ ...PLAIN, textBytes: 3_001 })).toBe(1_001);
  });

  it('counts images, documents and the tool prompt apart from text', () => {
    expect(estimateInputTokens({ ...PLAIN, images: 2 })).toBe(1_000 + 2 * 4_800);
    expect(estimateInputTokens({ ...PLAIN, documentBytes: 40_001 })).toBe(1_000 + 10_001);
    expect(estimateInputTokens({ ...PLAIN, documentUrls: 1 })).toBe(51_000);
    expect(estimateInputTokens({ ...PLAIN, fields: ['tools'] })).toBe(1_600);
  });

  it('holds an image of 5 MB like an image, not like seven million characters', () => {
    const data = 'A'.repeat(7_000_000);
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data } };
    const body = scanMessagesBody(Buffer.from(JSON.stringify({ messages: [{ role: 'user', content: [image] }] })));
    expect(estimateInputTokens(body)).toBeLessThan(5_000);
  });
});

describe('estimateHold', () => {
  it.each<[string, Partial<Asked>, bigint]>([
    ['no cache', {}, 5_000_000n],
    ['5-minute cache', { cache: '5m' }, 6_250_000n],
    ['1-hour cache', { cache: '1h' }, 10_000_000n],
    ['fast', { speed: 'fast' }, 10_000_000n],
    ['in the US', { inferenceGeo: 'us' }, 5_500_000n],
    ['fast, in the US, with a 1-hour cache', { speed: 'fast', inferenceGeo: 'us', cache: '1h' }, 22_000_000n],
    ['three searches', { tools: [tool('web_search_20250305', 3)] }, 31_000n * 6_250n + 30_000_000n],
    ['searches without a bound', { tools: [tool('web_search_20250305')] }, 101_000n * 6_250n + 100_000_000n],
    ['negative searches', { tools: [tool('web_search_20250305', -4)] }, 5_000_000n],
    ['a tool of another kind', { tools: [tool('bash_20250124', 9)] }, 5_000_000n],
  ])('prices the input of a thousand tokens on Opus: %s', (_what, change, inputNano) => {
    expect(estimateOf({ ...PLAIN, ...change }, OPUS).inputNano).toBe(inputNano);
  });

  it('prices one output token to the pico-dollar', () => {
    expect(estimateOf(PLAIN, OPUS).perOutputTokenPico).toBe(25_000_000n);
    expect(estimateOf({ ...PLAIN, speed: 'fast', inferenceGeo: 'us' }, OPUS).perOutputTokenPico).toBe(55_000_000n);
    expect(estimateOf(PLAIN, HAIKU).perOutputTokenPico).toBe(5_000_000n);
    expect(estimateOf(PLAIN, ODD).perOutputTokenPico).toBe(1_000_000n);
  });

  it('stays finite for whatever number of searches a body asks for', () => {
    for (const maxUses of ['1e999', '1e300', '0.5', '-1e999']) {
      const body = scanMessagesBody(Buffer.from(`{"tools":[{"type":"web_search_20250305","max_uses":${maxUses}}]}`));
      expect(estimateHold(body, priceOf(OPUS)).inputNano).toBeLessThanOrEqual(100_000_000_000n);
    }
  });

  it('covers every usage that stays within its estimate', () => {
    fc.assert(
      fc.property(
        model,
        request,
        share,
        share,
        share,
        fc.nat({ max: 128_000 }),
        (served, asked, read, write, hour, outputTokens) => {
          const estimate = estimateOf(asked, served);
          const searches = asked.tools.reduce((sum, { maxUses }) => sum + (maxUses ?? 0), 0);
          const prompt = estimate.inputTokens + searches * 10_000;
          const readTokens = Math.floor(prompt * read);
          const written = asked.cache === 'none' && searches === 0 ? 0 : Math.floor((prompt - readTokens) * write);
          const written1h = asked.cache === '1h' ? Math.floor(written * hour) : 0;
          const usage: UsageJson = {
            input_tokens: prompt - readTokens - written,
            cache_read_input_tokens: readTokens,
            cache_creation_input_tokens: written,
            cache_creation: { ephemeral_1h_input_tokens: written1h },
            output_tokens: outputTokens,
            server_tool_use: { web_search_requests: searches },
            speed: asked.speed ?? null,
            inference_geo: asked.inferenceGeo ?? null,
          };
          const { amountNano } = priceUsage(SAMPLE_BOOK, served, served, parseUsage(usage), LATE);
          expect(holdFor(estimate, outputTokens)).toBeGreaterThanOrEqual(amountNano);
        },
      ),
    );
  });

  it('holds no more than the rounding above a usage that takes all of it', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000 }), fc.nat({ max: 128_000 }), (textBytes, outputTokens) => {
        const estimate = estimateOf({ ...PLAIN, textBytes }, SONNET);
        const usage = parseUsage({ input_tokens: estimate.inputTokens, output_tokens: outputTokens });
        expect(holdFor(estimate, outputTokens)).toBe(priceUsage(SAMPLE_BOOK, SONNET, SONNET, usage, LATE).amountNano);
      }),
    );
  });
});

describe('affordableOutputTokens', () => {
  const estimates = fc.record({
    inputTokens: fc.nat(),
    inputNano: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    perOutputTokenPico: fc.bigInt({ min: 1n, max: 10n ** 9n }),
  });

  it('is the exact inverse of the hold: that many tokens are covered, one more is not', () => {
    fc.assert(
      fc.property(estimates, fc.bigInt({ min: 0n, max: 9n * 10n ** 12n }), (estimate, moreNano) => {
        const amountNano = estimate.inputNano + moreNano;
        const affordable = affordableOutputTokens(estimate, amountNano);
        expect(holdFor(estimate, affordable)).toBeLessThanOrEqual(amountNano);
        expect(holdFor(estimate, affordable + 1)).toBeGreaterThan(amountNano);
      }),
    );
  });

  it('affords at least the tokens that the amount was held for', () => {
    fc.assert(
      fc.property(estimates, fc.nat({ max: 200_000 }), (estimate, outputTokens) => {
        expect(affordableOutputTokens(estimate, holdFor(estimate, outputTokens))).toBeGreaterThanOrEqual(outputTokens);
      }),
    );
  });

  it('is negative when not even the input is covered', () => {
    fc.assert(
      fc.property(estimates, fc.bigInt({ min: 1n, max: 10n ** 13n }), (estimate, lessNano) => {
        expect(affordableOutputTokens(estimate, estimate.inputNano - lessNano)).toBeLessThan(0);
      }),
    );
  });

  it('has no bound where output is free', () => {
    const estimate: HoldEstimate = { inputTokens: 0, inputNano: 0n, perOutputTokenPico: 0n };
    expect(affordableOutputTokens(estimate, 0n)).toBe(Number.MAX_SAFE_INTEGER);
    const nearlyFree = { ...estimate, perOutputTokenPico: 1n };
    expect(affordableOutputTokens(nearlyFree, 10n ** 18n)).toBe(Number.MAX_SAFE_INTEGER);
  });
});

function tool(type: string, maxUses?: number): { type: string; maxUses: number | undefined; model: undefined } {
  return { type, maxUses, model: undefined };
}

function priceOf(name: string): Price {
  const price = SAMPLE_BOOK.findPrice(name, LATE);
  if (!price) throw new Error(`the sample book has no ${name}`);
  return price;
}

function estimateOf(asked: Asked, name: string): HoldEstimate {
  return estimateHold(asked, priceOf(name));
}

const model = fc.constantFrom(OPUS, SONNET, HAIKU);
const share = fc.double({ min: 0, max: 1, noNaN: true });
const request: fc.Arbitrary<Asked> = fc.record({
  textBytes: fc.nat({ max: 32 * 1024 * 1024 }),
  images: fc.nat({ max: 20 }),
  documentBytes: fc.nat({ max: 1_000_000 }),
  documentUrls: fc.nat({ max: 3 }),
  tools: fc.array(
    fc.record({
      type: fc.constant('web_search_20250305'),
      maxUses: fc.nat({ max: 20 }),
      model: fc.constant(undefined),
    }),
    { maxLength: 2 },
  ),
  fields: fc.constantFrom(['messages'], ['messages', 'tools']),
  cache: fc.constantFrom<Asked['cache'][]>('none', '5m', '1h'),
  speed: fc.constantFrom(undefined, 'standard', 'fast'),
  inferenceGeo: fc.constantFrom(undefined, 'global', 'us'),
});
