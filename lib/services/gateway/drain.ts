import { log } from '@/lib/platform/log';
import { flushKeyUses } from '../keys/note-key-use';
import { runningExchanges } from './running-exchanges';
import { settlementsUnderWay } from './settlements-under-way';

/** How long the exchanges that were told to stop may take to settle. */
const STOP_GRACE_MS = 5_000;

/**
 * Lets running exchanges finish for up to `timeoutMs`, ends those that are left (uncharged), waits for every settlement
 * and writes what is buffered. New requests get 503 from the moment of the call.
 */
export async function drain(timeoutMs: number): Promise<void> {
  const running = runningExchanges();
  running.draining = true;
  const atStart = running.exchanges.size;
  if (!(await isEmptyWithin(timeoutMs))) {
    for (const controller of running.exchanges) controller.abort();
    await isEmptyWithin(STOP_GRACE_MS);
  }
  await Promise.race([settlementsWritten(), afterMs(STOP_GRACE_MS)]);
  await flushKeyUses();
  log.info({ exchanges: atStart, left: running.exchanges.size }, 'drained');
}

async function isEmptyWithin(timeoutMs: number): Promise<boolean> {
  const running = runningExchanges();
  if (running.exchanges.size > 0) {
    const empty = new Promise<void>((resolve) => (running.onEmpty = resolve));
    await Promise.race([empty, afterMs(timeoutMs)]);
  }
  return running.exchanges.size === 0;
}

function afterMs(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs).unref());
}

async function settlementsWritten(): Promise<void> {
  while (settlementsUnderWay().size > 0) await Promise.allSettled([...settlementsUnderWay()]);
}
