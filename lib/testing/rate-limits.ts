import type { RateLimits } from '@/lib/domain/rate-limit';
import type { AdmitRequest } from '@/lib/platform/rate-limit/limiter';

export const START_MS = 1_800_000_000_000;

/** Limits that a test reaches quickly. */
export const LIMITS: RateLimits = {
  requestsPerMinute: 60,
  inputTokensPerMinute: 10_000,
  outputTokensPerMinute: 2_000,
  concurrentRequests: 50,
};

/** Limits that no test reaches. */
export const ROOMY: RateLimits = {
  requestsPerMinute: 100_000,
  inputTokensPerMinute: 100_000_000,
  outputTokensPerMinute: 100_000_000,
  concurrentRequests: 100_000,
};

let requests = 0;

/** A request of one key and account, each with a number of its own. */
export function admitRequest(
  changes: {
    key?: string;
    account?: string;
    keyLimits?: RateLimits;
    accountLimits?: RateLimits;
    inputTokens?: number;
    outputTokens?: number;
  } = {},
): AdmitRequest {
  requests += 1;
  return {
    requestId: `req_${process.pid}_${requests}`,
    key: { id: changes.key ?? 'key_1', limits: changes.keyLimits ?? LIMITS },
    account: { id: changes.account ?? 'acc_1', limits: changes.accountLimits ?? ROOMY },
    inputTokens: changes.inputTokens ?? 0,
    outputTokens: changes.outputTokens ?? 0,
  };
}

/** Collects what an outage logs. */
export function collectLog() {
  const lines: string[] = [];
  const add = (fields: Record<string, unknown>, message: string) => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { lines, warn: add, info: add };
}
