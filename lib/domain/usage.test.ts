import { describe, expect, it } from 'vitest';
import { asText, mergeUsage, parseUsage, uncachedInputTokens, type UsageJson } from './usage';

describe('mergeUsage', () => {
  it('overwrites counters, which are totals, and never adds them', () => {
    const earlier = { input_tokens: 2_679, output_tokens: 3 };
    const once = mergeUsage(earlier, { input_tokens: 10_682, output_tokens: 510 });
    expect(once).toEqual({ input_tokens: 10_682, output_tokens: 510 });
    expect(mergeUsage(once, { input_tokens: 10_682, output_tokens: 510 })).toEqual(once);
  });

  it('keeps what message_start alone says: the split, the tier, the geography, the speed', () => {
    const start = {
      input_tokens: 412,
      cache_creation_input_tokens: 4_096,
      cache_creation: { ephemeral_5m_input_tokens: 3_000, ephemeral_1h_input_tokens: 1_096 },
      service_tier: 'batch',
      inference_geo: 'us',
      speed: 'fast',
      output_tokens: 1,
    };
    const merged = mergeUsage(start, { input_tokens: 412, cache_creation_input_tokens: 4_096, output_tokens: 89 });
    expect(merged).toEqual({ ...start, output_tokens: 89 });
  });

  it.each([
    ['null', null],
    ['absent', undefined],
    ['zero', 0],
  ])('is not erased by a field that is %s', (_kind, value) => {
    const earlier = { input_tokens: 412, cache_read_input_tokens: 18_000 };
    expect(mergeUsage(earlier, { input_tokens: value, cache_read_input_tokens: value })).toEqual(earlier);
  });

  it('is not erased inside an object either', () => {
    const earlier = { cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 } };
    expect(mergeUsage(earlier, { cache_creation: null })).toEqual(earlier);
    expect(mergeUsage(earlier, { cache_creation: {} })).toEqual(earlier);
    expect(
      mergeUsage(earlier, { cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 9 } }),
    ).toEqual({ cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 9 } });
  });

  it('lets output fall to zero, because what message_start says of it is a placeholder', () => {
    expect(mergeUsage({ output_tokens: 4 }, { output_tokens: 0 })).toEqual({ output_tokens: 0 });
    expect(mergeUsage({ output_tokens: 4 }, { output_tokens: null })).toEqual({ output_tokens: 4 });
  });

  it('takes fields that only the last event has', () => {
    const merged = mergeUsage(
      { input_tokens: 1 },
      { server_tool_use: { web_search_requests: 1 }, iterations: [{ type: 'message' }] },
    );
    expect(merged).toEqual({
      input_tokens: 1,
      server_tool_use: { web_search_requests: 1 },
      iterations: [{ type: 'message' }],
    });
  });

  it('takes the last list of iterations whole', () => {
    const merged = mergeUsage(
      { iterations: [{ type: 'message' }] },
      { iterations: [{ type: 'compaction' }, { type: 'message' }] },
    );
    expect(merged).toEqual({ iterations: [{ type: 'compaction' }, { type: 'message' }] });
  });

  it('leaves both of its arguments as they are', () => {
    const earlier: UsageJson = Object.freeze({
      input_tokens: 1,
      cache_creation: Object.freeze({ ephemeral_1h_input_tokens: 1 }),
    });
    const later: UsageJson = Object.freeze({
      input_tokens: 2,
      cache_creation: Object.freeze({ ephemeral_1h_input_tokens: 2 }),
    });
    expect(mergeUsage(earlier, later)).toEqual(later);
    expect(earlier['input_tokens']).toBe(1);
  });
});

describe('parseUsage', () => {
  it('reads every field of the reference', () => {
    const usage = parseUsage({
      input_tokens: 2_095,
      cache_creation_input_tokens: 4_096,
      cache_read_input_tokens: 18_000,
      cache_creation: { ephemeral_5m_input_tokens: 3_000, ephemeral_1h_input_tokens: 1_096 },
      output_tokens: 503,
      output_tokens_details: { thinking_tokens: 211 },
      server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 },
      service_tier: 'standard',
      inference_geo: 'global',
      speed: 'standard',
      iterations: [{ type: 'compaction', model: 'claude-haiku-4-5', input_tokens: 5, cache_read_input_tokens: 6 }],
    });
    expect(usage).toMatchObject({
      inputTokens: 2_095,
      outputTokens: 503,
      cacheWrite5mTokens: 3_000,
      cacheWrite1hTokens: 1_096,
      cacheReadTokens: 18_000,
      webSearchRequests: 1,
      speed: 'standard',
      serviceTier: 'standard',
      inferenceGeo: 'global',
      unknown: [],
    });
    expect(usage.iterations).toMatchObject([
      { type: 'compaction', model: 'claude-haiku-4-5', usage: { inputTokens: 5, cacheReadTokens: 6, outputTokens: 0 } },
    ]);
  });

  it('counts as input for the limits all that was not read from the cache', () => {
    const usage = parseUsage({
      input_tokens: 10,
      cache_read_input_tokens: 1_000_000,
      cache_creation_input_tokens: 500,
      cache_creation: { ephemeral_1h_input_tokens: 200 },
    });
    expect(uncachedInputTokens(usage)).toBe(510);
  });

  it('reads a thousand iterations and reports that there were more', () => {
    const usage = parseUsage({
      iterations: Array.from({ length: 1_001 }, () => ({ type: 'compaction', output_tokens: 1 })),
    });
    expect(usage.iterations).toHaveLength(1_000);
    expect(usage.unknown).toEqual([{ name: 'iterations.length', quantity: 1_001, nearest: 'none' }]);
  });

  it('reports a number past all counting as unreadable, instead of carrying it on', () => {
    const { unknown } = parseUsage(JSON.parse('{"dream_tokens":1e999,"nap_tokens":1e300}') as UsageJson);
    expect(unknown).toEqual([
      { name: 'unreadable:dream_tokens', quantity: 0, nearest: 'none' },
      { name: 'dream_tokens', quantity: 0, nearest: 'output' },
      { name: 'unreadable:nap_tokens', quantity: 0, nearest: 'none' },
      { name: 'nap_tokens', quantity: 0, nearest: 'output' },
    ]);
  });
});

describe('asText', () => {
  it('keeps nothing that PostgreSQL refuses in text, nor more than a row holds', () => {
    expect(asText('a\0b\ud800c')).toBe('abc');
    expect(asText('🙂'.repeat(150))).toBe('🙂'.repeat(100));
    expect(asText(`x${'🙂'.repeat(150)}`)).toBe(`x${'🙂'.repeat(99)}`);
    expect(asText(5)).toBeNull();
  });
});
