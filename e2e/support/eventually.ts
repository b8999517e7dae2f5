import { setTimeout as sleep } from 'node:timers/promises';

const TIMEOUT_MS = 15_000;
const INTERVAL_MS = 25;

/**
 * Asks until there is an answer: for what happens just after a response, such as the settling of a stream that its client
 * left. Throws, saying what never came, when `look` still gives undefined after `timeoutMs`.
 */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  timeoutMs = TIMEOUT_MS,
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadlineMs) throw new Error(`never came: ${what}`);
    await sleep(INTERVAL_MS);
  }
}
