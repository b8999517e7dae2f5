import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child';

const HEALTH_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

/** Waits until the web server at `url` says that it serves. Throws when the process ends first, or time runs out. */
export async function waitForHealth(url: string, server: Child): Promise<void> {
  let gone: string | undefined;
  void server.ended.then((how) => {
    gone = how;
  });
  let last = 'no answer';
  const deadline = Date.now() + HEALTH_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (gone !== undefined) throw new Error(`${server.name} ended while starting (${gone}).`);
    try {
      const answer = await fetch(new URL('/api/health', url));
      if (answer.ok) return;
      last = `${String(answer.status)} ${(await answer.text()).slice(0, 300)}`;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await sleep(POLL_MS);
  }
  throw new Error(`${server.name} is not healthy after ${String(HEALTH_TIMEOUT_MS / 1000)} s: ${last}`);
}
