import type { Command } from 'commander';
import { wholeNumberOrNone } from './arguments';

export type RateLimitOptions = {
  requestsPerMinute?: number | null;
  inputTokensPerMinute?: number | null;
  outputTokensPerMinute?: number | null;
  concurrentRequests?: number | null;
};

/** Those of a command's options that limit; there are others beside them, such as --json. */
export function rateLimitsOf(options: RateLimitOptions): RateLimitOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => /PerMinute$|^concurrentRequests$/.test(name)));
}

/** The options that limit a key or an account; their names are those of the contracts. */
export function addRateLimitOptions(command: Command): Command {
  const counts: [name: string, what: string][] = [
    ['requests-per-minute', 'requests in a minute'],
    ['input-tokens-per-minute', 'uncached input tokens in a minute'],
    ['output-tokens-per-minute', 'output tokens in a minute'],
    ['concurrent-requests', 'requests at once'],
  ];
  for (const [name, what] of counts) {
    command.option(`--${name} <count>`, `how many ${what}, or none for the default`, wholeNumberOrNone);
  }
  return command;
}
