import type { UsageJson } from '@/lib/domain/usage';

const OPUS = 'claude-opus-4-8';
const SONNET = 'claude-sonnet-4-6';
const HAIKU = 'claude-haiku-4-5';
/** Priced per million tokens at 1, 7, 11, 333,333,333 and 999,999,999 nano-dollars for input, writes, reads and output. */
const ODD = 'claude-odd-1';

/**
 * A usage and what it costs at the published prices: worked out from their dollars with exact fractions, apart from the
 * code under test. Sonnet cost 4 and 20 dollars instead of 3 and 15 until June 2026, in the tests' price book.
 */
export type PricedUsage = {
  shape: string;
  /** The model that served, and that was asked for unless said otherwise. */
  model: string;
  requested?: string;
  served?: string | null;
  usage: UsageJson;
  /** When it was asked for; long after every price change unless said otherwise. */
  at?: string;
  amountNano: bigint;
  flags?: readonly string[];
};

/** One dimension at a time, for each model. */
// prettier-ignore
export const SINGLE_DIMENSIONS: readonly PricedUsage[] = [
  { shape: 'Opus: one input token', model: OPUS, usage: { input_tokens: 1 }, amountNano: 5000n },
  { shape: 'Opus: one output token', model: OPUS, usage: { output_tokens: 1 }, amountNano: 25_000n },
  { shape: 'Opus: a cache read', model: OPUS, usage: { cache_read_input_tokens: 18_000 }, amountNano: 9_000_000n },
  { shape: 'Opus: a 5-minute write', model: OPUS,
    usage: { cache_creation_input_tokens: 4096, cache_creation: { ephemeral_5m_input_tokens: 4096, ephemeral_1h_input_tokens: 0 } }, amountNano: 25_600_000n },
  { shape: 'Opus: a 1-hour write', model: OPUS,
    usage: { cache_creation_input_tokens: 4096, cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 4096 } }, amountNano: 40_960_000n },
  { shape: 'Opus: a web search and no token', model: OPUS, usage: { server_tool_use: { web_search_requests: 1 } }, amountNano: 10_000_000n },
  { shape: 'Opus: a million tokens in and out', model: OPUS, usage: { input_tokens: 1_000_000, output_tokens: 1_000_000 }, amountNano: 30_000_000_000n },
  { shape: 'Sonnet: one input token', model: SONNET, usage: { input_tokens: 1 }, amountNano: 3000n },
  { shape: 'Sonnet: one output token', model: SONNET, usage: { output_tokens: 1 }, amountNano: 15_000n },
  { shape: 'Sonnet: a cache read', model: SONNET, usage: { cache_read_input_tokens: 18_000 }, amountNano: 5_400_000n },
  { shape: 'Sonnet: a 5-minute write', model: SONNET,
    usage: { cache_creation_input_tokens: 4096, cache_creation: { ephemeral_5m_input_tokens: 4096, ephemeral_1h_input_tokens: 0 } }, amountNano: 15_360_000n },
  { shape: 'Sonnet: a 1-hour write', model: SONNET,
    usage: { cache_creation_input_tokens: 4096, cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 4096 } }, amountNano: 24_576_000n },
  { shape: 'Sonnet: a web search and no token', model: SONNET, usage: { server_tool_use: { web_search_requests: 1 } }, amountNano: 10_000_000n },
  { shape: 'Sonnet: a million tokens in and out', model: SONNET, usage: { input_tokens: 1_000_000, output_tokens: 1_000_000 }, amountNano: 18_000_000_000n },
  { shape: 'Haiku: one input token', model: HAIKU, usage: { input_tokens: 1 }, amountNano: 1000n },
  { shape: 'Haiku: one output token', model: HAIKU, usage: { output_tokens: 1 }, amountNano: 5000n },
  { shape: 'Haiku: a cache read', model: HAIKU, usage: { cache_read_input_tokens: 18_000 }, amountNano: 1_800_000n },
  { shape: 'Haiku: a 5-minute write', model: HAIKU,
    usage: { cache_creation_input_tokens: 4096, cache_creation: { ephemeral_5m_input_tokens: 4096, ephemeral_1h_input_tokens: 0 } }, amountNano: 5_120_000n },
  { shape: 'Haiku: a 1-hour write', model: HAIKU,
    usage: { cache_creation_input_tokens: 4096, cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 4096 } }, amountNano: 8_192_000n },
  { shape: 'Haiku: a web search and no token', model: HAIKU, usage: { server_tool_use: { web_search_requests: 1 } }, amountNano: 10_000_000n },
  { shape: 'Haiku: a million tokens in and out', model: HAIKU, usage: { input_tokens: 1_000_000, output_tokens: 1_000_000 }, amountNano: 6_000_000_000n },
];

/** Samples of the Messages API documentation and combinations that are seen every day. */
// prettier-ignore
export const DOCUMENTED: readonly PricedUsage[] = [
  { shape: 'the response sample: input, both writes, read, output, one search', model: SONNET,
    usage: { input_tokens: 2095, cache_creation_input_tokens: 4096, cache_read_input_tokens: 18_000, cache_creation: { ephemeral_5m_input_tokens: 3000, ephemeral_1h_input_tokens: 1096 }, output_tokens: 503, output_tokens_details: { thinking_tokens: 211 }, server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 }, service_tier: 'standard', inference_geo: 'global', speed: 'standard' }, amountNano: 47_056_000n },
  { shape: 'the streaming sample with thinking and a tool', model: SONNET,
    usage: { input_tokens: 412, cache_creation_input_tokens: 4096, cache_read_input_tokens: 18_000, cache_creation: { ephemeral_5m_input_tokens: 3000, ephemeral_1h_input_tokens: 1096 }, output_tokens: 89, output_tokens_details: { thinking_tokens: 31 }, service_tier: 'standard', inference_geo: 'global' }, amountNano: 25_797_000n },
  { shape: 'the web search sample, whose input grew from 2,679 to 10,682', model: OPUS,
    usage: { input_tokens: 10_682, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 510, server_tool_use: { web_search_requests: 1 } }, amountNano: 76_160_000n },
  { shape: 'the compaction sample: top level 23,000 and 1,000, in truth 203,000 and 4,500', model: OPUS,
    usage: { input_tokens: 23_000, output_tokens: 1000, iterations: [{ type: 'compaction', input_tokens: 180_000, output_tokens: 3500 }, { type: 'message', input_tokens: 23_000, output_tokens: 1000 }] }, amountNano: 1_127_500_000n },
  { shape: 'a short chat turn on opus', model: OPUS, usage: { input_tokens: 14, output_tokens: 37 }, amountNano: 995_000n },
  { shape: 'an agent turn on opus: mostly read from the cache', model: OPUS,
    usage: { input_tokens: 3, cache_read_input_tokens: 91_234, cache_creation_input_tokens: 817, cache_creation: { ephemeral_5m_input_tokens: 817, ephemeral_1h_input_tokens: 0 }, output_tokens: 1290 }, amountNano: 82_988_250n },
  { shape: 'all six dimensions on opus', model: OPUS,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, server_tool_use: { web_search_requests: 3 } }, amountNano: 57_769_250n },
  { shape: 'a short chat turn on sonnet', model: SONNET, usage: { input_tokens: 14, output_tokens: 37 }, amountNano: 597_000n },
  { shape: 'an agent turn on sonnet: mostly read from the cache', model: SONNET,
    usage: { input_tokens: 3, cache_read_input_tokens: 91_234, cache_creation_input_tokens: 817, cache_creation: { ephemeral_5m_input_tokens: 817, ephemeral_1h_input_tokens: 0 }, output_tokens: 1290 }, amountNano: 49_792_950n },
  { shape: 'all six dimensions on sonnet', model: SONNET,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, server_tool_use: { web_search_requests: 3 } }, amountNano: 46_661_550n },
  { shape: 'a short chat turn on haiku', model: HAIKU, usage: { input_tokens: 14, output_tokens: 37 }, amountNano: 199_000n },
  { shape: 'an agent turn on haiku: mostly read from the cache', model: HAIKU,
    usage: { input_tokens: 3, cache_read_input_tokens: 91_234, cache_creation_input_tokens: 817, cache_creation: { ephemeral_5m_input_tokens: 817, ephemeral_1h_input_tokens: 0 }, output_tokens: 1290 }, amountNano: 16_597_650n },
  { shape: 'all six dimensions on haiku', model: HAIKU,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, server_tool_use: { web_search_requests: 3 } }, amountNano: 35_553_850n },
  { shape: 'a pre-warm with max_tokens 0: input and write, no output', model: SONNET,
    usage: { input_tokens: 12, cache_creation_input_tokens: 30_000, cache_creation: { ephemeral_5m_input_tokens: 30_000, ephemeral_1h_input_tokens: 0 }, output_tokens: 0 }, amountNano: 112_536_000n },
  { shape: 'a context of almost a million tokens costs no premium', model: SONNET, usage: { input_tokens: 950_000, output_tokens: 64_000 }, amountNano: 3_810_000_000n },
  { shape: 'a hundred searches', model: HAIKU, usage: { input_tokens: 1, server_tool_use: { web_search_requests: 100 } }, amountNano: 1_000_001_000n },
  { shape: 'fetches, code runs and tool searches are free', model: HAIKU,
    usage: { input_tokens: 10, server_tool_use: { web_search_requests: 0, web_fetch_requests: 7, code_execution_requests: 5, tool_search_requests: 2 } }, amountNano: 10_000n },
];

/** What costs nothing. */
// prettier-ignore
export const NOTHING: readonly PricedUsage[] = [
  { shape: 'an empty usage', model: OPUS, usage: {}, amountNano: 0n },
  { shape: 'zero everywhere', model: OPUS,
    usage: { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 }, server_tool_use: { web_search_requests: 0 } }, amountNano: 0n },
  { shape: 'null everywhere', model: SONNET,
    usage: { input_tokens: null, output_tokens: null, cache_creation_input_tokens: null, cache_read_input_tokens: null, cache_creation: null, server_tool_use: null, output_tokens_details: null, service_tier: null, inference_geo: null, speed: null, iterations: null }, amountNano: 0n },
  { shape: 'no iteration', model: HAIKU, usage: { iterations: [] }, amountNano: 0n },
  { shape: 'multipliers of nothing', model: OPUS, usage: { input_tokens: 0, speed: 'fast', inference_geo: 'us', service_tier: 'batch' }, amountNano: 0n },
];

/** How a write divides into 5 minutes and 1 hour, where the fields agree and where they do not. */
// prettier-ignore
export const CACHE_SPLITS: readonly PricedUsage[] = [
  { shape: 'a total without a split is a 5-minute write', model: OPUS, usage: { cache_creation_input_tokens: 1000 }, amountNano: 6_250_000n },
  { shape: 'a null split is a 5-minute write', model: OPUS, usage: { cache_creation_input_tokens: 1000, cache_creation: null }, amountNano: 6_250_000n },
  { shape: 'an empty split is a 5-minute write', model: OPUS, usage: { cache_creation_input_tokens: 1000, cache_creation: {} }, amountNano: 6_250_000n },
  { shape: 'nulls inside the split count as nothing', model: OPUS,
    usage: { cache_creation_input_tokens: 1000, cache_creation: { ephemeral_5m_input_tokens: null, ephemeral_1h_input_tokens: null } }, amountNano: 6_250_000n },
  { shape: 'a split without a total is charged all the same', model: SONNET,
    usage: { cache_creation: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 200 } }, amountNano: 2_325_000n },
  { shape: 'a split with a null total too', model: SONNET,
    usage: { cache_creation_input_tokens: null, cache_creation: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 200 } }, amountNano: 2_325_000n },
  { shape: 'only the 1-hour share is named: the rest is 5 minutes', model: SONNET,
    usage: { cache_creation_input_tokens: 1000, cache_creation: { ephemeral_1h_input_tokens: 400 } }, amountNano: 4_650_000n },
  { shape: 'only the 5-minute share is named: the rest is 5 minutes too', model: SONNET,
    usage: { cache_creation_input_tokens: 1000, cache_creation: { ephemeral_5m_input_tokens: 400 } }, amountNano: 3_750_000n },
  { shape: 'a total that grew past its split: the excess is a 5-minute write', model: HAIKU,
    usage: { cache_creation_input_tokens: 9000, cache_creation: { ephemeral_5m_input_tokens: 3000, ephemeral_1h_input_tokens: 1096 } }, amountNano: 12_072_000n },
  { shape: 'a total below its split: the split counts', model: HAIKU,
    usage: { cache_creation_input_tokens: 100, cache_creation: { ephemeral_5m_input_tokens: 80, ephemeral_1h_input_tokens: 50 } }, amountNano: 200_000n },
  { shape: 'a total below its 1-hour share alone: the share counts', model: HAIKU,
    usage: { cache_creation_input_tokens: 100, cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 250 } }, amountNano: 500_000n },
  { shape: 'a total of zero with a split', model: HAIKU,
    usage: { cache_creation_input_tokens: 0, cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 } }, amountNano: 52_500n },
  { shape: 'mixed lifetimes on top of a read', model: OPUS,
    usage: { cache_creation_input_tokens: 12_345, cache_creation: { ephemeral_5m_input_tokens: 345, ephemeral_1h_input_tokens: 12_000 }, cache_read_input_tokens: 54_321 }, amountNano: 149_316_750n },
  { shape: 'a lifetime nobody knows is inside the total, as 5 minutes, and flagged', model: SONNET,
    usage: { cache_creation_input_tokens: 1000, cache_creation: { ephemeral_1h_input_tokens: 100, ephemeral_24h_input_tokens: 900 } }, amountNano: 3_975_000n, flags: ['unknown_usage:cache_creation.ephemeral_24h_input_tokens'] },
];

/** Counts that are no counts: they are read as well as can be, flagged, and never throw. */
// prettier-ignore
export const ODD_COUNTS: readonly PricedUsage[] = [
  { shape: 'absent output', model: SONNET, usage: { input_tokens: 100 }, amountNano: 300_000n },
  { shape: 'null input beside real output', model: SONNET, usage: { input_tokens: null, output_tokens: 100 }, amountNano: 1_500_000n },
  { shape: 'a float rounds up', model: SONNET, usage: { input_tokens: 10.2, output_tokens: 3 }, amountNano: 78_000n, flags: ['unknown_usage:unreadable:input_tokens'] },
  { shape: 'a float that is whole is whole', model: SONNET, usage: { input_tokens: 10, output_tokens: 3 }, amountNano: 75_000n },
  { shape: 'a tiny float is one token', model: OPUS, usage: { output_tokens: 0.0001 }, amountNano: 25_000n, flags: ['unknown_usage:unreadable:output_tokens'] },
  { shape: 'a numeric text is read', model: HAIKU,
    usage: { input_tokens: '1200', output_tokens: '34' }, amountNano: 1_370_000n, flags: ['unknown_usage:unreadable:input_tokens', 'unknown_usage:unreadable:output_tokens'] },
  { shape: 'a float in a text rounds up', model: HAIKU, usage: { output_tokens: '3.5' }, amountNano: 20_000n, flags: ['unknown_usage:unreadable:output_tokens'] },
  { shape: 'a text that is no number is nothing', model: HAIKU,
    usage: { input_tokens: 'many', output_tokens: 5 }, amountNano: 25_000n, flags: ['unknown_usage:unreadable:input_tokens'] },
  { shape: 'an empty text is nothing', model: HAIKU,
    usage: { input_tokens: '', output_tokens: 5 }, amountNano: 25_000n, flags: ['unknown_usage:unreadable:input_tokens'] },
  { shape: 'a negative count is nothing, never a refund', model: OPUS,
    usage: { input_tokens: -1000, output_tokens: 10 }, amountNano: 250_000n, flags: ['unknown_usage:unreadable:input_tokens'] },
  { shape: 'a negative read is nothing', model: OPUS,
    usage: { cache_read_input_tokens: -5, input_tokens: 2 }, amountNano: 10_000n, flags: ['unknown_usage:unreadable:cache_read_input_tokens'] },
  { shape: 'negative searches are nothing', model: OPUS,
    usage: { input_tokens: 2, server_tool_use: { web_search_requests: -1 } }, amountNano: 10_000n, flags: ['unknown_usage:unreadable:web_search_requests'] },
  { shape: 'a list for a count is nothing', model: SONNET,
    usage: { input_tokens: [5], output_tokens: 1 }, amountNano: 15_000n, flags: ['unknown_usage:unreadable:input_tokens'] },
  { shape: 'an object for a count is nothing', model: SONNET,
    usage: { input_tokens: { n: 5 }, output_tokens: 1 }, amountNano: 15_000n, flags: ['unknown_usage:unreadable:input_tokens'] },
  { shape: 'true for a count is nothing', model: SONNET,
    usage: { input_tokens: true, output_tokens: 1 }, amountNano: 15_000n, flags: ['unknown_usage:unreadable:input_tokens'] },
  { shape: 'a count for the server tools is nothing', model: SONNET, usage: { output_tokens: 1, server_tool_use: 4 }, amountNano: 15_000n },
  { shape: 'a list for the cache split is no split', model: SONNET, usage: { cache_creation_input_tokens: 8, cache_creation: [1, 2] }, amountNano: 30_000n },
  { shape: 'a text for the iterations is none', model: SONNET, usage: { output_tokens: 1, iterations: 'none' }, amountNano: 15_000n },
  { shape: 'the largest count that is exact', model: OPUS, usage: { output_tokens: 9_007_199_254_740_991 }, amountNano: 225_179_981_368_524_775_000n },
  { shape: 'a count past exactness is unreadable, not a guess', model: OPUS,
    usage: { input_tokens: 1, output_tokens: 9_007_199_254_740_992 }, amountNano: 5000n, flags: ['unknown_usage:unreadable:output_tokens'] },
  { shape: 'huge counts in every dimension do not overflow', model: SONNET,
    usage: { input_tokens: 1_000_000_000_000_000, cache_creation_input_tokens: 1_000_000_000_000_001, cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 1_000_000_000_000_000 }, cache_read_input_tokens: 1_000_000_000_000_000, output_tokens: 1_000_000_000_000_000, server_tool_use: { web_search_requests: 1_000_000_000_000 } }, amountNano: 34_300_000_000_000_003_750n },
];

/** Thinking is output already: naming it changes nothing. */
// prettier-ignore
export const THINKING: readonly PricedUsage[] = [
  { shape: 'thinking tokens on opus are a part of the output', model: OPUS,
    usage: { input_tokens: 50, output_tokens: 2000, output_tokens_details: { thinking_tokens: 1800 } }, amountNano: 50_250_000n },
  { shape: 'thinking tokens on sonnet are a part of the output', model: SONNET,
    usage: { input_tokens: 50, output_tokens: 2000, output_tokens_details: { thinking_tokens: 1800 } }, amountNano: 30_150_000n },
  { shape: 'thinking tokens on haiku are a part of the output', model: HAIKU,
    usage: { input_tokens: 50, output_tokens: 2000, output_tokens_details: { thinking_tokens: 1800 } }, amountNano: 10_050_000n },
  { shape: 'thinking details that are null', model: OPUS, usage: { output_tokens: 20, output_tokens_details: { thinking_tokens: null } }, amountNano: 500_000n },
  { shape: 'thinking details above the output do not add to it', model: OPUS,
    usage: { output_tokens: 20, output_tokens_details: { thinking_tokens: 5000 } }, amountNano: 500_000n },
];

/** Speed, geography and tier, alone and stacked: they multiply tokens, never searches. */
// prettier-ignore
export const MULTIPLIERS: readonly PricedUsage[] = [
  { shape: 'fast on Opus doubles every token price', model: OPUS,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, speed: 'fast' }, amountNano: 55_538_500n },
  { shape: 'standard speed changes nothing', model: OPUS,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, speed: 'standard' }, amountNano: 27_769_250n },
  { shape: 'fast and searches: the searches stay', model: OPUS,
    usage: { output_tokens: 10, speed: 'fast', server_tool_use: { web_search_requests: 2 } }, amountNano: 20_500_000n },
  { shape: 'fast on a model without a fast price is charged double and flagged', model: SONNET,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, speed: 'fast' }, amountNano: 33_323_100n, flags: ['fast_without_price:claude-sonnet-4-6'] },
  { shape: 'a speed nobody knows is charged as the nearest known and flagged', model: OPUS,
    usage: { output_tokens: 10, speed: 'ludicrous' }, amountNano: 500_000n, flags: ['unknown_speed:ludicrous'] },
  { shape: 'US inference on Opus adds a tenth', model: OPUS,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, inference_geo: 'us' }, amountNano: 30_546_175n },
  { shape: 'US inference on Sonnet adds a tenth', model: SONNET,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, inference_geo: 'us' }, amountNano: 18_327_705n },
  { shape: 'US inference on Haiku, which has no such price, adds nothing', model: HAIKU,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, inference_geo: 'us' }, amountNano: 5_553_850n },
  { shape: 'global inference changes nothing', model: SONNET,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, inference_geo: 'global' }, amountNano: 16_661_550n },
  { shape: 'a geography that is not available changes nothing', model: HAIKU,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, inference_geo: 'not_available' }, amountNano: 5_553_850n },
  { shape: 'a geography nobody knows is charged as the nearest known and flagged', model: SONNET,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, inference_geo: 'eu' }, amountNano: 18_327_705n, flags: ['unknown_geo:eu'] },
  { shape: 'US inference and searches: the searches stay', model: SONNET,
    usage: { input_tokens: 10, inference_geo: 'us', server_tool_use: { web_search_requests: 1 } }, amountNano: 10_033_000n },
  { shape: 'the batch tier halves opus', model: OPUS,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, service_tier: 'batch' }, amountNano: 13_884_625n },
  { shape: 'the batch tier halves sonnet', model: SONNET,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, service_tier: 'batch' }, amountNano: 8_330_775n },
  { shape: 'the batch tier halves haiku', model: HAIKU,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, service_tier: 'batch' }, amountNano: 2_776_925n },
  { shape: 'the priority tier changes nothing', model: OPUS,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, service_tier: 'priority' }, amountNano: 27_769_250n },
  { shape: 'a tier nobody knows is charged as standard and flagged', model: OPUS,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, service_tier: 'platinum' }, amountNano: 27_769_250n, flags: ['unknown_service_tier:platinum'] },
  { shape: 'fast in the US', model: OPUS,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, speed: 'fast', inference_geo: 'us' }, amountNano: 61_092_350n },
  { shape: 'batch in the US', model: SONNET,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, service_tier: 'batch', inference_geo: 'us' }, amountNano: 9_163_853n },
  { shape: 'fast, in the US, in a batch, with a search', model: OPUS,
    usage: { input_tokens: 101, cache_creation_input_tokens: 500, cache_creation: { ephemeral_5m_input_tokens: 203, ephemeral_1h_input_tokens: 297 }, cache_read_input_tokens: 701, output_tokens: 907, speed: 'fast', inference_geo: 'us', service_tier: 'batch', server_tool_use: { web_search_requests: 1 } }, amountNano: 40_546_175n },
];

/** Sums between two nano-dollars: rounded up, and once. */
// prettier-ignore
export const ROUNDING: readonly PricedUsage[] = [
  { shape: 'one 5-minute token of a US batch on Sonnet: 2,062.5', model: SONNET,
    usage: { cache_creation_input_tokens: 1, inference_geo: 'us', service_tier: 'batch' }, amountNano: 2063n },
  { shape: 'two of them are exact', model: SONNET, usage: { cache_creation_input_tokens: 2, inference_geo: 'us', service_tier: 'batch' }, amountNano: 4125n },
  { shape: 'one 5-minute token of a US batch on Opus: 3,437.5', model: OPUS,
    usage: { cache_creation_input_tokens: 1, inference_geo: 'us', service_tier: 'batch' }, amountNano: 3438n },
  { shape: 'two halves in different dimensions make one whole, not two', model: SONNET,
    usage: { cache_creation_input_tokens: 1, inference_geo: 'us', service_tier: 'batch', iterations: [{ type: 'compaction', cache_creation_input_tokens: 1 }] }, amountNano: 4125n },
  { shape: 'a millionth of a nano-dollar costs one', model: ODD, usage: { input_tokens: 1 }, amountNano: 1n },
  { shape: '999,999 of them still cost one', model: ODD, usage: { input_tokens: 999_999 }, amountNano: 1n },
  { shape: 'a million of them cost exactly one', model: ODD, usage: { input_tokens: 1_000_000 }, amountNano: 1n },
  { shape: 'one more costs two', model: ODD, usage: { input_tokens: 1_000_001 }, amountNano: 2n },
  { shape: 'fractions of five dimensions are summed before they are rounded', model: ODD,
    usage: { input_tokens: 1, cache_creation_input_tokens: 2, cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 1 }, cache_read_input_tokens: 1, output_tokens: 1 }, amountNano: 1334n },
  { shape: 'thirds do not drift', model: ODD, usage: { cache_read_input_tokens: 3_000_000 }, amountNano: 999_999_999n },
  { shape: 'a price with three factors keeps its fraction', model: ODD,
    usage: { output_tokens: 7, speed: 'fast', inference_geo: 'us', service_tier: 'batch' }, amountNano: 7700n },
];

/** What the top level leaves out: compaction, the advisor, declined attempts. */
// prettier-ignore
export const ITERATIONS: readonly PricedUsage[] = [
  { shape: 'message iterations are the top level, not more', model: OPUS,
    usage: { input_tokens: 300, output_tokens: 30, iterations: [{ type: 'message', input_tokens: 100, output_tokens: 10 }, { type: 'message', input_tokens: 200, output_tokens: 20 }] }, amountNano: 2_250_000n },
  { shape: 'compaction comes on top, at the model that served', model: SONNET,
    usage: { input_tokens: 100, output_tokens: 10, iterations: [{ type: 'compaction', input_tokens: 5000, output_tokens: 400 }, { type: 'message', input_tokens: 100, output_tokens: 10 }] }, amountNano: 21_450_000n },
  { shape: 'two compactions', model: SONNET,
    usage: { input_tokens: 100, output_tokens: 10, iterations: [{ type: 'compaction', input_tokens: 5000, output_tokens: 400 }, { type: 'compaction', input_tokens: 6000, output_tokens: 500 }] }, amountNano: 46_950_000n },
  { shape: 'compaction with cache fields of its own', model: OPUS,
    usage: { input_tokens: 1, output_tokens: 1, iterations: [{ type: 'compaction', input_tokens: 10, output_tokens: 20, cache_read_input_tokens: 30_000, cache_creation_input_tokens: 700, cache_creation: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 400 } }] }, amountNano: 21_455_000n },
  { shape: 'compaction takes the factors of its message', model: OPUS,
    usage: { input_tokens: 100, output_tokens: 10, speed: 'fast', inference_geo: 'us', iterations: [{ type: 'compaction', input_tokens: 5000, output_tokens: 400 }] }, amountNano: 78_650_000n },
  { shape: 'an advisor is charged at its own model', model: HAIKU,
    usage: { input_tokens: 100, output_tokens: 10, iterations: [{ type: 'message', input_tokens: 100, output_tokens: 10 }, { type: 'advisor_message', model: 'claude-opus-4-8', input_tokens: 3000, output_tokens: 700 }] }, amountNano: 32_650_000n },
  { shape: 'an advisor of the same model', model: OPUS,
    usage: { input_tokens: 100, output_tokens: 10, iterations: [{ type: 'advisor_message', model: 'claude-opus-4-8', input_tokens: 3000, output_tokens: 700 }] }, amountNano: 33_250_000n },
  { shape: 'an advisor without a model is charged at the one that served', model: SONNET,
    usage: { input_tokens: 100, output_tokens: 10, iterations: [{ type: 'advisor_message', input_tokens: 3000, output_tokens: 700 }] }, amountNano: 19_950_000n },
  { shape: 'an advisor by an alias', model: SONNET,
    usage: { output_tokens: 10, iterations: [{ type: 'advisor_message', model: 'claude-haiku-4-5-20251001', input_tokens: 3000, output_tokens: 700 }] }, amountNano: 6_650_000n },
  { shape: 'an advisor nobody knows is charged at the requested model and flagged', model: SONNET,
    usage: { output_tokens: 10, iterations: [{ type: 'advisor_message', model: 'claude-oracle-9', input_tokens: 3000, output_tokens: 700 }] }, amountNano: 19_650_000n, flags: ['unknown_model:claude-oracle-9'] },
  { shape: "in the US an advisor takes its own model's factor", model: HAIKU,
    usage: { input_tokens: 100, inference_geo: 'us', iterations: [{ type: 'advisor_message', model: 'claude-opus-4-8', input_tokens: 1000, output_tokens: 100 }] }, amountNano: 8_350_000n },
  { shape: 'a fallback puts the top level at its own model', model: HAIKU, requested: OPUS,
    usage: { input_tokens: 500, output_tokens: 60, iterations: [{ type: 'message', model: 'claude-opus-4-8', input_tokens: 500, output_tokens: 0 }, { type: 'fallback_message', model: 'claude-haiku-4-5', input_tokens: 500, output_tokens: 60 }] }, amountNano: 800_000n },
  { shape: 'a fallback decides over the model that the message names', model: OPUS,
    usage: { input_tokens: 500, output_tokens: 60, iterations: [{ type: 'fallback_message', model: 'claude-haiku-4-5', input_tokens: 500, output_tokens: 60 }] }, amountNano: 800_000n },
  { shape: 'a declined attempt that wrote something is charged at its own model', model: HAIKU, requested: OPUS,
    usage: { input_tokens: 500, output_tokens: 60, iterations: [{ type: 'message', model: 'claude-opus-4-8', input_tokens: 480, output_tokens: 25 }, { type: 'fallback_message', model: 'claude-haiku-4-5', input_tokens: 500, output_tokens: 60 }] }, amountNano: 3_825_000n },
  { shape: 'of two declined attempts only the one that wrote is charged', model: HAIKU, requested: OPUS,
    usage: { input_tokens: 500, output_tokens: 60, iterations: [{ type: 'message', model: 'claude-opus-4-8', input_tokens: 480, output_tokens: 0 }, { type: 'message', model: 'claude-sonnet-4-6', input_tokens: 490, output_tokens: 5 }, { type: 'fallback_message', model: 'claude-haiku-4-5', input_tokens: 500, output_tokens: 60 }] }, amountNano: 2_345_000n },
  { shape: 'a fallback without a model stays with the one that served', model: SONNET, requested: OPUS,
    usage: { input_tokens: 500, output_tokens: 60, iterations: [{ type: 'fallback_message', input_tokens: 500, output_tokens: 60 }] }, amountNano: 2_400_000n },
  { shape: 'a fallback with compaction and a declined attempt', model: SONNET, requested: OPUS,
    usage: { input_tokens: 10, output_tokens: 20, iterations: [{ type: 'compaction', input_tokens: 1000, output_tokens: 100 }, { type: 'message', model: 'claude-opus-4-8', input_tokens: 10, output_tokens: 7 }, { type: 'fallback_message', model: 'claude-sonnet-4-6', input_tokens: 10, output_tokens: 20 }] }, amountNano: 5_055_000n },
  { shape: 'an iteration of no known type is charged and flagged', model: SONNET,
    usage: { input_tokens: 10, output_tokens: 20, iterations: [{ type: 'meditation', input_tokens: 100, output_tokens: 50 }] }, amountNano: 1_380_000n, flags: ['unknown_iteration:meditation'] },
  { shape: 'an iteration without a type is charged and flagged', model: SONNET,
    usage: { input_tokens: 10, output_tokens: 20, iterations: [{ input_tokens: 100, output_tokens: 50 }] }, amountNano: 1_380_000n, flags: ['unknown_iteration:'] },
  { shape: 'iterations that are no objects are nothing, and flagged', model: SONNET,
    usage: { output_tokens: 20, iterations: [null, 7, 'compaction'] }, amountNano: 300_000n, flags: ['unknown_iteration:'] },
  { shape: 'null fields inside an iteration count as nothing', model: SONNET,
    usage: { output_tokens: 20, iterations: [{ type: 'compaction', input_tokens: null, output_tokens: 9, cache_creation: null }] }, amountNano: 435_000n },
  { shape: 'iterations inside an iteration are not followed', model: SONNET,
    usage: { output_tokens: 20, iterations: [{ type: 'compaction', output_tokens: 9, iterations: [{ type: 'compaction', input_tokens: 1000, output_tokens: 1000 }] }] }, amountNano: 435_000n },
];

/** Which model's price it is, and which version of it. */
// prettier-ignore
export const MODELS: readonly PricedUsage[] = [
  { shape: 'an alias has the price of its model', model: HAIKU, served: 'claude-haiku-4-5-20251001', usage: { input_tokens: 10, output_tokens: 5 }, amountNano: 35_000n },
  { shape: 'the model that served decides, not the one asked for', model: HAIKU, requested: OPUS, usage: { input_tokens: 10, output_tokens: 5 }, amountNano: 35_000n },
  { shape: 'a model nobody knows is charged as the one asked for, and flagged', model: OPUS, served: 'claude-opus-9',
    usage: { input_tokens: 10, output_tokens: 5 }, amountNano: 175_000n, flags: ['unknown_model:claude-opus-9'] },
  { shape: 'no model named: the one asked for', model: SONNET, served: null, usage: { input_tokens: 10, output_tokens: 5 }, amountNano: 105_000n },
  { shape: 'before a price change: the old price', model: SONNET, at: '2026-05-31T23:59:59.999Z',
    usage: { input_tokens: 10, cache_creation_input_tokens: 7, cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 }, cache_read_input_tokens: 5, output_tokens: 6 }, amountNano: 209_000n },
  { shape: 'at the instant of a price change: the new price', model: SONNET, at: '2026-06-01T00:00:00.000Z',
    usage: { input_tokens: 10, cache_creation_input_tokens: 7, cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 }, cache_read_input_tokens: 5, output_tokens: 6 }, amountNano: 156_750n },
  { shape: 'after a price change: the new price', model: SONNET, at: '2026-06-02T00:00:00.000Z',
    usage: { input_tokens: 10, cache_creation_input_tokens: 7, cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 }, cache_read_input_tokens: 5, output_tokens: 6 }, amountNano: 156_750n },
  { shape: 'before a price change an advisor has its old price too', model: HAIKU, at: '2026-05-01T00:00:00.000Z',
    usage: { iterations: [{ type: 'advisor_message', model: 'claude-sonnet-4-6', input_tokens: 10, output_tokens: 6 }] }, amountNano: 160_000n },
  { shape: 'a model that has no price yet is charged as the one asked for, and flagged', model: OPUS, served: 'claude-odd-1', at: '2026-01-02T00:00:00.000Z',
    usage: { output_tokens: 5 }, amountNano: 125_000n, flags: ['unknown_model:claude-odd-1'] },
];

/** Usage that no rule knows: charged by the nearest rule and flagged, never free in silence. */
// prettier-ignore
export const UNKNOWN_FIELDS: readonly PricedUsage[] = [
  { shape: 'input tokens of a new kind are input', model: OPUS,
    usage: { input_tokens: 10, video_input_tokens: 200 }, amountNano: 1_050_000n, flags: ['unknown_usage:video_input_tokens'] },
  { shape: 'output tokens of a new kind are output', model: OPUS,
    usage: { output_tokens: 10, speech_output_tokens: 200 }, amountNano: 5_250_000n, flags: ['unknown_usage:speech_output_tokens'] },
  { shape: 'tokens of a new kind without a side are output', model: OPUS,
    usage: { output_tokens: 10, dream_tokens: 200 }, amountNano: 5_250_000n, flags: ['unknown_usage:dream_tokens'] },
  { shape: 'requests of a new server tool are priced like searches', model: OPUS,
    usage: { output_tokens: 10, server_tool_use: { map_search_requests: 2 } }, amountNano: 20_250_000n, flags: ['unknown_usage:server_tool_use.map_search_requests'] },
  { shape: 'a number that counts no tokens is flagged alone', model: OPUS,
    usage: { output_tokens: 10, latency_ms: 200 }, amountNano: 250_000n, flags: ['unknown_usage:latency_ms'] },
  { shape: 'a new kind that counts zero is neither charged nor flagged', model: OPUS,
    usage: { output_tokens: 10, dream_tokens: 0, server_tool_use: { map_search_requests: 0 } }, amountNano: 250_000n },
  { shape: 'a new kind inside an iteration is charged at its model', model: HAIKU,
    usage: { output_tokens: 1, iterations: [{ type: 'advisor_message', model: 'claude-opus-4-8', dream_tokens: 3 }] }, amountNano: 80_000n, flags: ['unknown_usage:dream_tokens'] },
  { shape: 'new tokens take the factors of their message', model: OPUS,
    usage: { dream_tokens: 200, speed: 'fast' }, amountNano: 10_000_000n, flags: ['unknown_usage:dream_tokens'] },
];
