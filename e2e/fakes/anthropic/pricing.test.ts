import { describe, expect, it } from 'vitest';
import type { JsonObject } from './json';
import { billedNano } from './pricing';

function bill(model: string, usage: JsonObject, stopReason = 'end_turn'): string {
  return billedNano({ usage, model, requestedModel: model, stopReason }).toString();
}

const SPLIT = { ephemeral_5m_input_tokens: 3000, ephemeral_1h_input_tokens: 1096 };
const CACHED = {
  input_tokens: 412,
  cache_creation_input_tokens: 4096,
  cache_read_input_tokens: 18_000,
  output_tokens: 503,
};

describe('what the stand-in bills', () => {
  it('is the sum over input, output, both cache writes and reads', () => {
    // 412*3000 + 3000*3750 + 1096*6000 + 18000*300 + 503*15000
    expect(bill('claude-sonnet-4-6', { ...CACHED, cache_creation: SPLIT })).toBe('32007000');
  });

  it('takes cache writes without a split as five-minute ones, and a total above the split too', () => {
    // 412*5000 + 4096*6250 + 18000*500 + 503*25000
    expect(bill('claude-opus-4-8', CACHED)).toBe('49235000');
    const grown = { ...CACHED, cache_creation_input_tokens: 5000, cache_creation: SPLIT };
    // 412*5000 + 3904*6250 + 1096*10000 + 18000*500 + 503*25000
    expect(bill('claude-opus-4-8', grown)).toBe('58995000');
  });

  it('doubles for fast mode, adds a tenth for us, halves for batch, and stacks them', () => {
    const usage = { input_tokens: 100, output_tokens: 10 };
    expect(bill('claude-opus-4-8', usage)).toBe('750000');
    expect(bill('claude-opus-4-8', { ...usage, speed: 'fast' })).toBe('1500000');
    expect(bill('claude-opus-4-8', { ...usage, speed: 'warp' })).toBe('1500000');
    expect(bill('claude-opus-4-8', { ...usage, inference_geo: 'mars' })).toBe('825000');
    expect(bill('claude-opus-4-8', { ...usage, inference_geo: 'us' })).toBe('825000');
    expect(bill('claude-haiku-4-5', { ...usage, inference_geo: 'us' })).toBe('150000');
    expect(bill('claude-opus-4-8', { ...usage, speed: 'fast', inference_geo: 'us', service_tier: 'batch' })).toBe(
      '825000',
    );
  });

  it('is rounded up once, at the end', () => {
    expect(bill('claude-haiku-4-5', { cache_read_input_tokens: 1, service_tier: 'batch' })).toBe('50');
    // 1 write of five minutes on Haiku in a batch: 1250 / 2; on Sonnet with geo: 3750 * 1.1 / 2 = 2062.5
    const usage = { cache_creation_input_tokens: 1, service_tier: 'batch', inference_geo: 'us' };
    expect(bill('claude-sonnet-4-6', usage)).toBe('2063');
    expect(bill('claude-sonnet-4-6', { ...usage, cache_creation_input_tokens: 3 })).toBe('6188');
  });

  it('adds ten dollars for a thousand searches, whatever the multipliers', () => {
    const usage = { server_tool_use: { web_search_requests: 3, web_fetch_requests: 9 }, service_tier: 'batch' };
    expect(bill('claude-haiku-4-5', usage)).toBe('30000000');
  });

  it('adds compaction, the advisor at its own price and kinds not known yet, but no message iteration twice', () => {
    const usage = {
      input_tokens: 1000,
      output_tokens: 100,
      iterations: [
        { type: 'message', input_tokens: 1000, output_tokens: 100 },
        { type: 'compaction', input_tokens: 2000, output_tokens: 10 },
        { type: 'advisor_message', model: 'claude-opus-4-8', input_tokens: 10, output_tokens: 1 },
        { type: 'daydream', input_tokens: 1, output_tokens: 1 },
      ],
    };
    // 1000*3000 + 100*15000 + 2000*3000 + 10*15000 + 10*5000 + 25000 + 3000 + 15000
    expect(bill('claude-sonnet-4-6', usage)).toBe('10743000');
  });

  it('prices a fallback at the model that answered and the begun attempt at its own', () => {
    const usage = {
      input_tokens: 412,
      output_tokens: 89,
      iterations: [
        { type: 'message', model: 'claude-opus-4-8', input_tokens: 412, output_tokens: 17 },
        { type: 'fallback_message', model: 'claude-sonnet-4-6', input_tokens: 412, output_tokens: 89 },
      ],
    };
    // 412*3000 + 89*15000 + 412*5000 + 17*25000
    expect(bill('claude-opus-4-8', usage)).toBe('5056000');
  });

  it('takes counters that do not exist yet for their nearest kin, and a model without a price for the one asked for', () => {
    const usage = {
      quantum_tokens: 2,
      extra_input_tokens: 3,
      carbon_grams: 9,
      server_tool_use: { mind_reading_requests: 1 },
    };
    // 2*5000 + 3*1000 + a search
    expect(bill('claude-haiku-4-5', usage)).toBe('10013000');
    const stranger = { usage: { input_tokens: 1 }, model: 'claude-9', stopReason: null };
    expect(billedNano({ ...stranger, requestedModel: 'claude-sonnet-4-6' })).toBe(3000n);
  });

  it('is nothing for a refusal before output, and everything for one amid it', () => {
    expect(bill('claude-opus-4-8', { input_tokens: 1000, output_tokens: 0 }, 'refusal')).toBe('0');
    expect(bill('claude-opus-4-8', { input_tokens: 1000, output_tokens: 1 }, 'refusal')).toBe('5025000');
  });

  it('reads numbers in strings, takes fractions as a whole token, and nulls and nonsense as none', () => {
    const odd = { input_tokens: '12', output_tokens: 1.5, cache_read_input_tokens: null, cache_creation: 'no' };
    expect(bill('claude-haiku-4-5', odd)).toBe('22000');
    expect(bill('claude-haiku-4-5', { input_tokens: -5, output_tokens: 'many' })).toBe('0');
  });
});
