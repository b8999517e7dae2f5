import { afterEach, beforeEach, vi } from 'vitest';

/** What a test said it expects on console.error; a pattern is used up by each line it matches. */
let expected: RegExp[] = [];
let unexpected: string[] = [];

/**
 * Announces that the running test will print to console.error. Without it, a test that prints there fails: an error
 * on the console is either a fault or a promise that nobody wrote down.
 */
export function expectConsoleError(pattern: RegExp = /[^]*/): void {
  expected.push(pattern);
}

beforeEach(() => {
  expected = [];
  unexpected = [];
  vi.spyOn(console, 'error').mockImplementation((...parts: unknown[]) => {
    const line = parts.map(asText).join(' ');
    if (!expected.some((pattern) => pattern.test(line))) unexpected.push(line);
  });
});

afterEach(() => {
  vi.mocked(console.error).mockRestore();
  if (unexpected.length > 0) throw new Error(`unexpected console.error:\n${unexpected.join('\n')}`);
});

function asText(part: unknown): string {
  if (part instanceof Error) return part.stack ?? part.message;
  return typeof part === 'string' ? part : JSON.stringify(part);
}
