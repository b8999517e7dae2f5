import type { Command } from 'commander';
import { noneAsNull, wholeNumberOrNone, type OrNone } from './arguments';

export type RateLimitOptions = {
  requestsPerMinute?: OrNone<number>;
  inputTokensPerMinute?: OrNone<number>;
  outputTokensPerMinute?: OrNone<number>;
  concurrentRequests?: OrNone<number>;
};

/** The options that limit a key or an account. */
export function addRateLimitOptions(command: Command): void {
  const counts = {
    'requests-per-minute': 'requests in a minute',
    'input-tokens-per-minute': 'uncached input tokens in a minute',
    'output-tokens-per-minute': 'output tokens in a minute',
    'concurrent-requests': 'requests at once',
  };
  for (const [name, what] of Object.entries(counts)) {
    command.option(`--${name} <count>`, `how many ${what}, or none for the default`, wholeNumberOrNone);
  }
}

/** What these options say, under the names that the contracts know; there are others beside them, such as --json. */
export function rateLimitsOf(options: RateLimitOptions): Record<keyof RateLimitOptions, number | null | undefined> {
  return {
    requestsPerMinute: noneAsNull(options.requestsPerMinute),
    inputTokensPerMinute: noneAsNull(options.inputTokensPerMinute),
    outputTokensPerMinute: noneAsNull(options.outputTokensPerMinute),
    concurrentRequests: noneAsNull(options.concurrentRequests),
  };
}
