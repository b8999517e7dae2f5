import { setTimeout as sleep } from 'node:timers/promises';
import { log } from '@/lib/platform/log';
import { loops } from '@/lib/services/worker/loops';

/** A run that hangs must not keep the process from ending; whatever it left is found by the next worker. */
const STOP_TIMEOUT_MS = 10_000;

const stopping = new AbortController();
const running = Promise.all(loops.map(repeat));
log.info({ loops: loops.map((loop) => loop.name) }, 'the worker runs');

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);

await running;
process.exit(0);

/** Runs one loop until the process stops. A run that fails, for want of a database say, is tried again at its next time. */
async function repeat(loop: (typeof loops)[number]): Promise<void> {
  let failing = false;
  while (!stopping.signal.aborted) {
    try {
      await loop.run();
      if (failing) log.info({ loop: loop.name }, 'the loop runs again');
      failing = false;
    } catch (error) {
      // Once per outage: a database that is away for an hour is one event, not thousands.
      if (!failing) log.error({ err: error, loop: loop.name }, 'the loop failed; it is tried again until it works');
      failing = true;
    }
    await sleep(loop.everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
  }
}

function stop(): void {
  stopping.abort();
  setTimeout(() => process.exit(0), STOP_TIMEOUT_MS).unref();
}
