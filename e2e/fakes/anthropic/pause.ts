import { setTimeout as sleep } from 'node:timers/promises';
import { ClientLeft } from './body-sink';

/** Waits, unless the client leaves first: then it throws ClientLeft. */
export async function pause(ms: number | undefined, left: AbortSignal): Promise<void> {
  if (ms === undefined || ms <= 0) return;
  try {
    await sleep(ms, undefined, { signal: left });
  } catch {
    throw new ClientLeft();
  }
}

/** Silence until the client leaves. */
export async function waitForLeave(left: AbortSignal): Promise<never> {
  if (!left.aborted) await new Promise((resolve) => left.addEventListener('abort', resolve, { once: true }));
  throw new ClientLeft();
}
