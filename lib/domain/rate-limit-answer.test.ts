import { describe, expect, it } from 'vitest';
import type { RateLimitDecision, RateLimitRefusal } from './rate-limit';
import { rateLimitHeaders, rateLimitMessage, retryAfterSeconds } from './rate-limit-answer';

const NOW_MS = Date.parse('2026-11-23T10:00:00.250Z');
const KEY = {
  requestsPerMinute: 60,
  inputTokensPerMinute: 40_000,
  outputTokensPerMinute: 8_000,
  concurrentRequests: 5,
};
const ACCOUNT = { ...KEY, requestsPerMinute: 1_000, inputTokensPerMinute: 400_000, outputTokensPerMinute: 80_000 };

function decision(refusal: RateLimitRefusal | null = null): RateLimitDecision {
  return {
    nowMs: NOW_MS,
    refusal,
    key: { limits: KEY, levels: { atMs: NOW_MS, requests: 44.7, inputTokens: 38_400, outputTokens: 8_000 } },
    account: { limits: ACCOUNT, levels: { atMs: NOW_MS, requests: 990, inputTokens: 300_000, outputTokens: 1_600 } },
  };
}

function refusal(changes: Partial<RateLimitRefusal> = {}): RateLimitRefusal {
  return { scope: 'key', dimension: 'requests', limit: 60, waitMs: 6_001, ...changes };
}

describe('rateLimitHeaders', () => {
  it('shows the tighter of key and account for each limit, tokens in thousands, reset as RFC 3339', () => {
    expect(rateLimitHeaders(decision())).toEqual({
      'anthropic-ratelimit-requests-limit': '60',
      'anthropic-ratelimit-requests-remaining': '44',
      'anthropic-ratelimit-requests-reset': '2026-11-23T10:00:16Z',
      'anthropic-ratelimit-input-tokens-limit': '40000',
      'anthropic-ratelimit-input-tokens-remaining': '38000',
      'anthropic-ratelimit-input-tokens-reset': '2026-11-23T10:00:03Z',
      'anthropic-ratelimit-output-tokens-limit': '80000',
      'anthropic-ratelimit-output-tokens-remaining': '2000',
      'anthropic-ratelimit-output-tokens-reset': '2026-11-23T10:01:00Z',
    });
  });

  it('adds retry-after in whole seconds to a refusal, rounded up, and to nothing else', () => {
    expect(rateLimitHeaders(decision(refusal()))['retry-after']).toBe('7');
    expect(rateLimitHeaders(decision())).not.toHaveProperty('retry-after');
  });

  it('never shows less than nothing nor more than the limit', () => {
    const low = { ...decision() };
    const levels = { atMs: NOW_MS, requests: -0.5, inputTokens: -5_000, outputTokens: 700 };
    const headers = rateLimitHeaders({ ...low, key: { limits: { ...KEY, outputTokensPerMinute: 700 }, levels } });
    expect(headers['anthropic-ratelimit-requests-remaining']).toBe('0');
    expect(headers['anthropic-ratelimit-input-tokens-remaining']).toBe('0');
    expect(headers['anthropic-ratelimit-output-tokens-remaining']).toBe('700');
  });

  it('gives a reset that is a date even where a limit is zero', () => {
    const closed = { ...KEY, requestsPerMinute: 0 };
    const levels = { atMs: NOW_MS, requests: 0, inputTokens: 0, outputTokens: 0 };
    const headers = rateLimitHeaders({ ...decision(), key: { limits: closed, levels } });
    expect(headers['anthropic-ratelimit-requests-reset']).toBe('2026-11-23T10:01:01Z');
  });
});

describe('rateLimitMessage', () => {
  it('says which limit, of what, what to change and when to come back', () => {
    expect(rateLimitMessage(refusal())).toBe(
      'Rate limit exceeded: 60 requests per minute for this key. Send fewer requests, or retry in 7 s.',
    );
    expect(rateLimitMessage(refusal({ scope: 'account', dimension: 'outputTokens', limit: 80_000 }))).toBe(
      'Rate limit exceeded: 80,000 output tokens per minute for this account. Lower max_tokens, or retry in 7 s.',
    );
    expect(rateLimitMessage(refusal({ dimension: 'concurrentRequests', limit: 1, waitMs: 1_000 }))).toBe(
      'Rate limit exceeded: 1 concurrent request for this key. Wait until a running request has ended, or retry in 1 s.',
    );
  });
});

describe('retryAfterSeconds', () => {
  it('is at least 1 and at most 60', () => {
    expect(retryAfterSeconds(refusal({ waitMs: 1 }))).toBe(1);
    expect(retryAfterSeconds(refusal({ waitMs: 59_001 }))).toBe(60);
    expect(retryAfterSeconds(refusal({ waitMs: 6_000_000 }))).toBe(60);
  });
});
