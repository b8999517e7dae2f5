import type { RateLimitDecision, RateLimits } from '@/lib/domain/rate-limit';

/** One request as the limits see it. Tokens are reserved: an estimate of the input, and the most it may answer. */
export type AdmitRequest = {
  /** Unique; names the request's place among those that run. */
  readonly requestId: string;
  readonly key: { readonly id: string; readonly limits: RateLimits };
  readonly account: { readonly id: string; readonly limits: RateLimits };
  readonly inputTokens: number;
  readonly outputTokens: number;
};

/** What a request was granted or refused. The limiter that made it keeps what it still has to give back. */
export type Admission = {
  readonly decision: RateLimitDecision;
  readonly request: AdmitRequest;
  /** Where it was counted, and so where it is given back: a limiter on Redis counts in the process while Redis is away. */
  readonly countedIn: 'process' | 'redis';
  settled: boolean;
  released: boolean;
};

export type ActualTokens = { readonly inputTokens: number; readonly outputTokens: number };

/** Limits per key and account: requests, input and output tokens per minute, and requests running at once. */
export interface RateLimiter {
  /** Takes from every limit or from none; never rejects. The outcome is in `decision.refusal`. */
  admit(request: AdmitRequest): Promise<Admission>;
  /** Corrects the reserved tokens to those used, once; the caller does not wait for it. */
  settle(admission: Admission, actual: ActualTokens): void;
  /** Ends the request's place among those that run, once; every admission is released when its request has ended. */
  release(admission: Admission): void;
  close(): void;
}

/** Makes an admission; a refused one has nothing to settle or to release. */
export function newAdmission(
  request: AdmitRequest,
  decision: RateLimitDecision,
  countedIn: Admission['countedIn'],
): Admission {
  const refused = decision.refusal !== null;
  return { decision, request, countedIn, settled: refused, released: refused };
}
