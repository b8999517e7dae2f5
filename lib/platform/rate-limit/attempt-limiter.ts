/** How often something may be tried, for example 30 failed authentications a minute from one address. */
export type AttemptLimit = {
  /** What is counted; part of the name in Redis. */
  readonly name: string;
  readonly attempts: number;
  readonly windowMs: number;
};

export type AttemptResult = {
  readonly allowed: boolean;
  readonly remaining: number;
  /** Until the window ends; 0 when allowed. */
  readonly retryAfterMs: number;
};

/** Counts plain attempts by whoever makes them (an address, an account). A refused attempt is not counted. */
export interface AttemptLimiter {
  /** Counts one attempt; never rejects. */
  attempt(identifier: string): Promise<AttemptResult>;
  close(): void;
}
