import {
  fullAfterMs,
  type RateLimitCost,
  type RateLimitDecision,
  type RateLimitDimension,
  type RateLimitRefusal,
  type RateLimits,
} from './rate-limit';

const RETRY_AFTER_LARGEST_SECONDS = 60;
/** Anthropic rounds the tokens that remain to the nearest thousand. */
const TOKEN_ROUNDING = 1_000;

type Bucket = { prefix: string; level: keyof RateLimitCost; limit: keyof RateLimits; rounding: number };

const BUCKETS: readonly Bucket[] = [
  { prefix: 'anthropic-ratelimit-requests', level: 'requests', limit: 'requestsPerMinute', rounding: 1 },
  {
    prefix: 'anthropic-ratelimit-input-tokens',
    level: 'inputTokens',
    limit: 'inputTokensPerMinute',
    rounding: TOKEN_ROUNDING,
  },
  {
    prefix: 'anthropic-ratelimit-output-tokens',
    level: 'outputTokens',
    limit: 'outputTokensPerMinute',
    rounding: TOKEN_ROUNDING,
  },
];

const NAMES: Readonly<Record<RateLimitDimension, readonly [one: string, many: string]>> = {
  requests: ['request per minute', 'requests per minute'],
  inputTokens: ['input token per minute', 'input tokens per minute'],
  outputTokens: ['output token per minute', 'output tokens per minute'],
  concurrentRequests: ['concurrent request', 'concurrent requests'],
};

const ADVICE: Readonly<Record<RateLimitDimension, string>> = {
  requests: 'Send fewer requests, or',
  inputTokens: 'Send shorter prompts, or',
  outputTokens: 'Lower max_tokens, or',
  concurrentRequests: 'Wait until a running request has ended, or',
};

/**
 * Anthropic's rate-limit headers for a decision: limit, remaining and reset (RFC 3339: when the bucket is full again) of
 * requests, input and output tokens, each of the scope that has less left, and `retry-after` where it refused.
 */
export function rateLimitHeaders(decision: RateLimitDecision): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { prefix, level, limit, rounding } of BUCKETS) {
    const { key, account } = decision;
    const tighter = account.levels[level] < key.levels[level] ? account : key;
    const most = tighter.limits[limit];
    const left = tighter.levels[level];
    headers[`${prefix}-limit`] = String(most);
    headers[`${prefix}-remaining`] = String(rounded(left, most, rounding));
    headers[`${prefix}-reset`] = toWholeSecond(decision.nowMs + fullAfterMs(left, most));
  }
  if (decision.refusal !== null) headers['retry-after'] = String(retryAfterSeconds(decision.refusal));
  return headers;
}

/** What a refused caller reads: which limit, of the key or the account, what to change and when to come back. */
export function rateLimitMessage(refusal: RateLimitRefusal): string {
  const { scope, dimension, limit } = refusal;
  const name = NAMES[dimension][limit === 1 ? 0 : 1];
  const amount = limit.toLocaleString('en-US');
  return `Rate limit exceeded: ${amount} ${name} for this ${scope}. ${ADVICE[dimension]} retry in ${retryAfterSeconds(refusal)} s.`;
}

/** Whole seconds until a retry may pass, rounded up, from 1 to 60. */
export function retryAfterSeconds(refusal: RateLimitRefusal): number {
  return Math.min(RETRY_AFTER_LARGEST_SECONDS, Math.max(1, Math.ceil(refusal.waitMs / 1_000)));
}

/** Never below zero, and never above the limit, which a small limit's rounding could exceed. */
function rounded(left: number, limit: number, rounding: number): number {
  const whole = rounding === 1 ? Math.floor(left) : Math.round(left / rounding) * rounding;
  return Math.max(0, Math.min(limit, whole));
}

function toWholeSecond(ms: number): string {
  return new Date(Math.ceil(ms / 1_000) * 1_000).toISOString().slice(0, 19) + 'Z';
}
