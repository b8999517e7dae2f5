import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HAIKU, ODD, OPUS, SAMPLE_BOOK, SONNET } from '@/lib/testing/price-book';
import { priceUsage, type ReceiptLine } from './pricing';
import * as shapes from '@/lib/testing/pricing-shapes';
import { mergeUsage, parseUsage, type UsageJson } from './usage';

const LATE = new Date('2026-11-01T00:00:00Z');
const ALL_SHAPES = Object.values(shapes).flat();

describe('priceUsage', () => {
  it('is checked against more than a hundred usages, each named once', () => {
    expect(ALL_SHAPES.length).toBeGreaterThan(100);
    expect(new Set(ALL_SHAPES.map(({ shape }) => shape)).size).toBe(ALL_SHAPES.length);
  });

  it.each(ALL_SHAPES)('charges to the nano: $shape', ({ model, requested, served, usage, at, amountNano, flags }) => {
    const servedModel = served === undefined ? model : served;
    const receipt = priceUsage(
      SAMPLE_BOOK,
      requested ?? model,
      servedModel,
      parseUsage(usage),
      at === undefined ? LATE : new Date(at),
    );
    expect(receipt.amountNano).toBe(amountNano);
    expect(receipt.flags.toSorted()).toEqual((flags ?? []).toSorted());
    expect(recompute(receipt.lines)).toBe(amountNano);
  });

  it('refuses to price a request for a model that was never offered, rather than to give it away', () => {
    expect(() => priceUsage(SAMPLE_BOOK, 'claude-foo', 'claude-foo', parseUsage({}), LATE)).toThrow('claude-foo');
    expect(() => priceUsage(SAMPLE_BOOK, OPUS, OPUS, parseUsage({}), new Date('2025-12-31T23:59:59Z'))).toThrow(OPUS);
  });

  it('says on each line what was charged, at which price version, and why', () => {
    const usage = {
      input_tokens: 7,
      inference_geo: 'us',
      server_tool_use: { web_search_requests: 2 },
      iterations: [{ type: 'compaction', output_tokens: 9 }],
    };
    const { lines } = priceUsage(SAMPLE_BOOK, SONNET, SONNET, parseUsage(usage), LATE);
    const line = { model: SONNET, priceId: 'price_sonnet_2', percents: [110] };
    expect(lines).toEqual([
      { ...line, dimension: 'input', quantity: 7, nanoPerMillion: '3000000000' },
      { ...line, dimension: 'webSearch', quantity: 2, nanoPerMillion: '10000000000000', percents: [] },
      { ...line, dimension: 'output', quantity: 9, nanoPerMillion: '15000000000', source: 'compaction' },
    ]);
  });

  it('keeps a receipt that survives JSON, so that anyone can recompute it from the row', () => {
    fc.assert(
      fc.property(model, usage, (served, json) => {
        const { lines, amountNano } = charge(served, json);
        expect(recompute(JSON.parse(JSON.stringify(lines)) as ReceiptLine[])).toBe(amountNano);
      }),
    );
  });

  it('never charges less when any counter is higher', () => {
    fc.assert(
      fc.property(model, usage, counterPath, fc.integer({ min: 1, max: 1_000_000 }), (served, json, path, more) => {
        expect(charge(served, raise(json, path, more)).amountNano).toBeGreaterThanOrEqual(
          charge(served, json).amountNano,
        );
      }),
    );
  });

  it('charges two usages together like each alone, to a nano-dollar', () => {
    fc.assert(
      fc.property(model, counters, counters, multipliers, (served, one, other, factors) => {
        const sum = (name: CounterName): number => one[name] + other[name];
        const both = Object.fromEntries(COUNTER_NAMES.map((name) => [name, sum(name)])) as Counters;
        const together = charge(served, toUsage(both, factors)).amountNano;
        const apart =
          charge(served, toUsage(one, factors)).amountNano + charge(served, toUsage(other, factors)).amountNano;
        expect(apart - together).toBeGreaterThanOrEqual(0n);
        expect(apart - together).toBeLessThanOrEqual(1n);
      }),
    );
  });

  it('never charges a negative amount nor throws, whatever JSON the usage is', () => {
    const anyUsage = fc.dictionary(
      fc.oneof(fc.constantFrom(...FIELD_NAMES), fc.string()),
      fc.oneof(
        fc.jsonValue(),
        fc.constantFrom(-1, 1.5, 1e300, Infinity, '1e999', [{}], { web_search_requests: Infinity }),
      ),
    );
    fc.assert(
      fc.property(model, anyUsage, (served, json) => {
        expect(charge(served, json).amountNano).toBeGreaterThanOrEqual(0n);
      }),
    );
  });

  it('flags a count that no number holds, and still charges the rest', () => {
    const json = JSON.parse(
      '{"input_tokens":1,"dream_tokens":1e999,"server_tool_use":{"map_requests":1e999}}',
    ) as UsageJson;
    const { amountNano, flags } = charge(OPUS, json);
    expect(amountNano).toBe(5_000n);
    expect(flags).toContain('unknown_usage:dream_tokens');
    expect(flags).toContain('unknown_usage:server_tool_use.map_requests');
  });

  it('does not depend on the order of iterations', () => {
    const shuffled = fc
      .array(iteration, { maxLength: 5 })
      .chain((iterations) =>
        fc.tuple(fc.constant(iterations), fc.shuffledSubarray(iterations, { minLength: iterations.length })),
      );
    fc.assert(
      fc.property(
        model,
        counters,
        multipliers,
        shuffled,
        fc.boolean(),
        (served, counts, factors, orders, withFallback) => {
          const fallback = withFallback ? [{ type: 'fallback_message', model: HAIKU, output_tokens: 3 }] : [];
          const [first, second] = orders.map((iterations, order) => {
            const all = order === 0 ? [...iterations, ...fallback] : [...fallback, ...iterations];
            return charge(served, { ...toUsage(counts, factors), iterations: all }).amountNano;
          });
          expect(second).toBe(first);
        },
      ),
    );
  });

  it('charges a stream, whose usage comes in parts, like the same answer in one piece', () => {
    fc.assert(
      fc.property(
        model,
        counters,
        multipliers,
        fc.integer({ min: 0, max: 8 }),
        fc.boolean(),
        (served, counts, factors, placeholder, repeats) => {
          const whole = toUsage(counts, factors);
          const { output_tokens: outputTokens, server_tool_use: tools, ...inputSide } = whole;
          const start = { ...inputSide, output_tokens: placeholder };
          const delta = {
            ...(repeats ? inputSide : { input_tokens: null }),
            cache_creation: null,
            speed: undefined,
            output_tokens: outputTokens,
            server_tool_use: tools,
          };
          const merged = [start, delta].reduce<UsageJson>(mergeUsage, {});
          expect(charge(served, merged).amountNano).toBe(charge(served, whole).amountNano);
        },
      ),
    );
  });
});

function charge(servedModel: string, json: UsageJson): ReturnType<typeof priceUsage> {
  return priceUsage(SAMPLE_BOOK, servedModel, servedModel, parseUsage(json), LATE);
}

/** The charge of a receipt by the rule its type states, in another way than the code does it: one fraction a line. */
function recompute(lines: readonly ReceiptLine[]): bigint {
  let numerator = 0n;
  let denominator = 1n;
  for (const { quantity, nanoPerMillion, percents } of lines) {
    const share = percents.reduce(
      (product, percent) => product * BigInt(percent),
      BigInt(quantity) * BigInt(nanoPerMillion),
    );
    const over = 1_000_000n * 100n ** BigInt(percents.length);
    numerator = numerator * over + share * denominator;
    denominator *= over;
  }
  return numerator / denominator + (numerator % denominator === 0n ? 0n : 1n);
}

type CounterName = 'input' | 'output' | 'read' | 'write5m' | 'write1h' | 'searches';
type Counters = Record<CounterName, number>;
type Multipliers = { speed: string | null; geo: string | null; tier: string | null };

const COUNTER_NAMES: readonly CounterName[] = ['input', 'output', 'read', 'write5m', 'write1h', 'searches'];
const FIELD_NAMES = [
  'input_tokens',
  'output_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'cache_creation',
  'server_tool_use',
  'service_tier',
  'inference_geo',
  'speed',
  'iterations',
  'new_tokens',
];

function toUsage(counts: Counters, { speed, geo, tier }: Multipliers): UsageJson {
  return {
    input_tokens: counts.input,
    output_tokens: counts.output,
    cache_read_input_tokens: counts.read,
    cache_creation_input_tokens: counts.write5m + counts.write1h,
    cache_creation: { ephemeral_5m_input_tokens: counts.write5m, ephemeral_1h_input_tokens: counts.write1h },
    server_tool_use: { web_search_requests: counts.searches },
    speed,
    inference_geo: geo,
    service_tier: tier,
  };
}

function raise(json: UsageJson, path: readonly string[], more: number): UsageJson {
  const [name = '', ...rest] = path;
  const value = json[name];
  if (rest.length === 0) return { ...json, [name]: (typeof value === 'number' ? value : 0) + more };
  const inner = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as UsageJson) : {};
  return { ...json, [name]: raise(inner, rest, more) };
}

const model = fc.constantFrom(OPUS, SONNET, HAIKU, ODD);
const count = fc.oneof(fc.nat({ max: 9 }), fc.nat({ max: 1_000_000 }));
const counters: fc.Arbitrary<Counters> = fc.record({
  input: count,
  output: count,
  read: count,
  write5m: count,
  write1h: count,
  searches: fc.nat({ max: 20 }),
});
const multipliers: fc.Arbitrary<Multipliers> = fc.record({
  speed: fc.constantFrom(null, 'standard', 'fast'),
  geo: fc.constantFrom(null, 'global', 'us'),
  tier: fc.constantFrom(null, 'standard', 'batch'),
});
const iteration = fc.record({
  type: fc.constantFrom('message', 'compaction', 'advisor_message', 'unheard_of'),
  model: fc.constantFrom(OPUS, HAIKU, 'claude-foo'),
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: count,
});
const usage = fc
  .tuple(counters, multipliers, fc.array(iteration, { maxLength: 3 }))
  .map(([counts, factors, iterations]): UsageJson => ({ ...toUsage(counts, factors), iterations }));
const counterPath = fc.constantFrom(
  ['input_tokens'],
  ['output_tokens'],
  ['cache_read_input_tokens'],
  ['cache_creation_input_tokens'],
  ['cache_creation', 'ephemeral_5m_input_tokens'],
  ['cache_creation', 'ephemeral_1h_input_tokens'],
  ['server_tool_use', 'web_search_requests'],
);
