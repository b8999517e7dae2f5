import { AppError } from '@/lib/domain/app-error';
import { rateLimitHeaders, rateLimitMessage } from '@/lib/domain/rate-limit-answer';
import type { RateLimits } from '@/lib/domain/rate-limit';
import { env } from '@/lib/platform/env';
import type { LimitOverrides } from '@/lib/platform/key-store';
import { once } from '@/lib/platform/once';
import { createRateLimiter } from '@/lib/platform/rate-limit/create';
import type { RateLimiter } from '@/lib/platform/rate-limit/limiter';
import { redisConfig } from '@/lib/platform/rate-limit/redis-config';
import type { Exchange } from './exchange';

/** The usual text; what differs is corrected when the usage is known. */
const BYTES_PER_TOKEN = 4;
/** A client's max_tokens is mostly a ceiling far above its answer; reserving all of it would refuse what fits. */
const OUTPUT_TOKENS_RESERVED_MAX = 8_192;

/** A request's place within the rate limits. */
export type Admitted = {
  /** Corrects the reserved tokens to what was used; the first call counts. */
  settle(inputTokens: number, outputTokens: number): void;
  /** Gives the place among the concurrent requests back. */
  release(): void;
};

/**
 * Takes a request's share of the limits of its key and its account, all or nothing, and notes Anthropic's rate-limit
 * headers for the answer.
 * @throws AppError rate_limited, with `retry-after` of 60 s at the most.
 */
export async function admitRequest(
  exchange: Pick<Exchange, 'caller' | 'requestId' | 'answerHeaders'>,
  size: { inputBytes: number; maxTokens: number },
): Promise<Admitted> {
  const { caller, requestId } = exchange;
  const admission = await limiter().admit({
    requestId,
    key: { id: caller.keyId, limits: limitsOf(caller.keyLimits) },
    account: { id: caller.accountId, limits: limitsOf(caller.accountLimits) },
    inputTokens: Math.ceil(size.inputBytes / BYTES_PER_TOKEN),
    outputTokens: Math.min(size.maxTokens, OUTPUT_TOKENS_RESERVED_MAX),
  });
  Object.assign(exchange.answerHeaders, rateLimitHeaders(admission.decision));
  const { refusal } = admission.decision;
  if (refusal) throw new AppError('rate_limited', rateLimitMessage(refusal));
  return {
    settle: (inputTokens, outputTokens) => limiter().settle(admission, { inputTokens, outputTokens }),
    release: () => limiter().release(admission),
  };
}

function limiter(): RateLimiter {
  return once('rate-limiter', () => createRateLimiter(redisConfig()));
}

function limitsOf(overrides: LimitOverrides): RateLimits {
  const defaults = env();
  return {
    requestsPerMinute: overrides.requestsPerMinute ?? defaults.RATE_LIMIT_REQUESTS_PER_MINUTE,
    inputTokensPerMinute: overrides.inputTokensPerMinute ?? defaults.RATE_LIMIT_INPUT_TOKENS_PER_MINUTE,
    outputTokensPerMinute: overrides.outputTokensPerMinute ?? defaults.RATE_LIMIT_OUTPUT_TOKENS_PER_MINUTE,
    concurrentRequests: overrides.concurrentRequests ?? defaults.RATE_LIMIT_CONCURRENT_REQUESTS,
  };
}
