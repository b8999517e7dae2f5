/** The window that every per-minute limit speaks of, in milliseconds. */
const RATE_LIMIT_WINDOW_MS = 60_000;

/** When a running request will end is unknown; one second is the advice where only concurrency refuses. */
const CONCURRENCY_WAIT_MS = 1_000;
/** Sums of refills carry rounding errors far below this; without it a bucket may be full but for 1e-12 of a request. */
const TOLERANCE = 1e-6;

/** What a key or an account may use. A limit of zero lets nothing through. */
export type RateLimits = {
  readonly requestsPerMinute: number;
  readonly inputTokensPerMinute: number;
  readonly outputTokensPerMinute: number;
  readonly concurrentRequests: number;
};

export type RateLimitScope = 'key' | 'account';
export type RateLimitDimension = 'requests' | 'inputTokens' | 'outputTokens' | 'concurrentRequests';

/** What is left in a scope's three token buckets at a moment. Below zero is debt: more was used than was reserved. */
export type BucketLevels = {
  readonly atMs: number;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
};

export type RateLimitCost = Pick<BucketLevels, 'requests' | 'inputTokens' | 'outputTokens'>;

/** One scope as the decision finds it and leaves it. */
export type ScopeReading = { readonly limits: RateLimits; readonly levels: BucketLevels };

/** The limit that refused; of several, the one with the longest wait. */
export type RateLimitRefusal = {
  readonly scope: RateLimitScope;
  readonly dimension: RateLimitDimension;
  readonly limit: number;
  readonly waitMs: number;
};

/** The outcome for one request, with the levels it left behind; a refused request leaves them as they were. */
export type RateLimitDecision = {
  readonly nowMs: number;
  readonly refusal: RateLimitRefusal | null;
  readonly key: ScopeReading;
  readonly account: ScopeReading;
};

/**
 * The levels at `nowMs` after continuous refill, never above the limits; full buckets where nothing is stored. A clock
 * that differs between machines by less than a window refills nothing twice: time only moves forward. A stored time
 * further ahead than that is a clock that was set back, and counting starts again from now.
 */
export function refill(stored: BucketLevels | undefined, limits: RateLimits, nowMs: number): BucketLevels {
  if (stored === undefined) {
    return {
      atMs: nowMs,
      requests: limits.requestsPerMinute,
      inputTokens: limits.inputTokensPerMinute,
      outputTokens: limits.outputTokensPerMinute,
    };
  }
  const startMs = stored.atMs - nowMs > RATE_LIMIT_WINDOW_MS ? nowMs : stored.atMs;
  const elapsedMs = Math.max(0, nowMs - startMs);
  return {
    atMs: Math.max(startMs, nowMs),
    requests: refilled(stored.requests, limits.requestsPerMinute, elapsedMs),
    inputTokens: refilled(stored.inputTokens, limits.inputTokensPerMinute, elapsedMs),
    outputTokens: refilled(stored.outputTokens, limits.outputTokensPerMinute, elapsedMs),
  };
}

/**
 * Decides over six buckets and two counts of running requests, all or nothing: a refused request takes from none of
 * them. Levels are those of `refill` at `nowMs`.
 */
export function decide(
  nowMs: number,
  key: ScopeReading & { readonly running: number },
  account: ScopeReading & { readonly running: number },
  cost: RateLimitCost,
): RateLimitDecision {
  const refusal = longer(findRefusal('key', key, cost), findRefusal('account', account, cost));
  if (refusal !== null) return { nowMs, refusal, key, account };
  return {
    nowMs,
    refusal: null,
    key: { limits: key.limits, levels: take(key, reservation(cost, key.limits)) },
    account: { limits: account.limits, levels: take(account, reservation(cost, account.limits)) },
  };
}

/**
 * What to take further so that the reserved tokens of an admitted request become those truly used; negative is a refund.
 * A use that is no number leaves its reservation as it stands.
 */
export function correction(
  reserved: { readonly inputTokens: number; readonly outputTokens: number },
  actual: { readonly inputTokens: number; readonly outputTokens: number },
  limits: RateLimits,
): RateLimitCost {
  return {
    requests: 0,
    inputTokens: difference(reserved.inputTokens, actual.inputTokens, limits.inputTokensPerMinute),
    outputTokens: difference(reserved.outputTokens, actual.outputTokens, limits.outputTokensPerMinute),
  };
}

/** Takes a cost that is known to have been spent; levels may go below zero, and a refund never fills above the limit. */
export function take({ levels, limits }: ScopeReading, cost: RateLimitCost): BucketLevels {
  return {
    atMs: levels.atMs,
    requests: taken(levels.requests, limits.requestsPerMinute, cost.requests),
    inputTokens: taken(levels.inputTokens, limits.inputTokensPerMinute, cost.inputTokens),
    outputTokens: taken(levels.outputTokens, limits.outputTokensPerMinute, cost.outputTokens),
  };
}

/** How long until a bucket is full again, in milliseconds. */
export function fullAfterMs(level: number, limit: number): number {
  if (limit <= 0) return RATE_LIMIT_WINDOW_MS;
  return Math.max(0, (limit - level) / (limit / RATE_LIMIT_WINDOW_MS));
}

/** Reads a count of tokens as a cost: finite, never negative, and zero where it is no number. */
export function asCost(tokens: number): number {
  return tokens > 0 ? Math.min(tokens, Number.MAX_SAFE_INTEGER) : 0;
}

function findRefusal(
  scope: RateLimitScope,
  { limits, levels, running }: ScopeReading & { readonly running: number },
  cost: RateLimitCost,
): RateLimitRefusal | null {
  const requestsMs = waitMs(levels.requests, limits.requestsPerMinute, cost.requests);
  const inputMs = waitMs(levels.inputTokens, limits.inputTokensPerMinute, cost.inputTokens);
  const outputMs = waitMs(levels.outputTokens, limits.outputTokensPerMinute, cost.outputTokens);
  const concurrencyMs = running >= limits.concurrentRequests ? CONCURRENCY_WAIT_MS : 0;

  const longestMs = Math.max(requestsMs, inputMs, outputMs, concurrencyMs);
  if (longestMs === 0) return null;
  if (requestsMs === longestMs) return refuse(scope, 'requests', limits.requestsPerMinute, longestMs);
  if (inputMs === longestMs) return refuse(scope, 'inputTokens', limits.inputTokensPerMinute, longestMs);
  if (outputMs === longestMs) return refuse(scope, 'outputTokens', limits.outputTokensPerMinute, longestMs);
  return refuse(scope, 'concurrentRequests', limits.concurrentRequests, longestMs);
}

function refuse(scope: RateLimitScope, dimension: RateLimitDimension, limit: number, wait: number): RateLimitRefusal {
  return { scope, dimension, limit, waitMs: wait };
}

function longer(key: RateLimitRefusal | null, account: RateLimitRefusal | null): RateLimitRefusal | null {
  if (key === null || account === null) return key ?? account;
  return account.waitMs > key.waitMs ? account : key;
}

/** Milliseconds until the cost fits, 0 when it does now. A cost above the limit waits for a full bucket. */
function waitMs(level: number, limit: number, cost: number): number {
  if (cost <= 0) return 0;
  if (limit <= 0) return RATE_LIMIT_WINDOW_MS;
  const missing = clampCost(cost, limit) - level;
  return missing > TOLERANCE ? Math.ceil(missing / (limit / RATE_LIMIT_WINDOW_MS)) : 0;
}

function refilled(level: number, limit: number, elapsedMs: number): number {
  return Math.min(limit, level + elapsedMs * (limit / RATE_LIMIT_WINDOW_MS));
}

function taken(level: number, limit: number, cost: number): number {
  return Math.min(limit, level - cost);
}

function reservation(cost: RateLimitCost, limits: RateLimits): RateLimitCost {
  return {
    requests: clampCost(cost.requests, limits.requestsPerMinute),
    inputTokens: clampCost(cost.inputTokens, limits.inputTokensPerMinute),
    outputTokens: clampCost(cost.outputTokens, limits.outputTokensPerMinute),
  };
}

function difference(reservedTokens: number, actualTokens: number, limit: number): number {
  return Number.isFinite(actualTokens) ? actualTokens - clampCost(asCost(reservedTokens), limit) : 0;
}

/** A reservation above what the bucket can ever hold takes all of it, so that large requests wait but are served. */
function clampCost(cost: number, limit: number): number {
  return Math.min(cost, limit);
}
