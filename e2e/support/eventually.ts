import { setTimeout as sleep } from 'node:timers/promises';

const TIMEOUT_MS = 15_000;
const INTERVAL_MS = 25;

/**
 * Runs a check again until it stops throwing: for what happens just after an answer, such as the settling of a stream
 * that its client left. After `timeoutMs` the check's own last error is thrown.
 */
export async function eventually<T>(check: () => Promise<T> | T, timeoutMs = TIMEOUT_MS): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
    }
    await sleep(INTERVAL_MS);
  }
}
