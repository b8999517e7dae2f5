import { setTimeout as wait } from 'node:timers/promises';
import { isDatabaseAway } from '@/lib/platform/database';
import { settle, type Settlement, type UsageRow } from '@/lib/platform/ledger-store';
import { log } from '@/lib/platform/log';
import { settlementsUnderWay } from './settlements-under-way';

const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 5_000;
/** A row that the database itself refuses will not be taken later either; the reaper gives its hold back in the end. */
const REFUSALS_MAX = 5;

/**
 * Settles a request, trying again until `deadlineMs` (of the monotonic clock) while the database is away. Settling twice
 * is harmless, so that a try whose answer was lost may be made again.
 * @throws the database's last error.
 */
export function settleUntil(row: UsageRow, threadMessageId: string | null, deadlineMs: number): Promise<Settlement> {
  const settlement = tryUntil(row, threadMessageId, deadlineMs);
  const underWay = settlementsUnderWay();
  underWay.add(settlement);
  const done = (): void => void underWay.delete(settlement);
  settlement.then(done, done);
  return settlement;
}

async function tryUntil(row: UsageRow, threadMessageId: string | null, deadlineMs: number): Promise<Settlement> {
  const { requestId } = row;
  let delayMs = RETRY_FIRST_MS;
  for (let refusals = 0; ; delayMs = Math.min(delayMs * 2, RETRY_MAX_MS)) {
    try {
      const settlement = await settle(row, threadMessageId);
      report(requestId, settlement);
      return settlement;
    } catch (error) {
      if (!isDatabaseAway(error)) refusals += 1;
      if (refusals >= REFUSALS_MAX || performance.now() + delayMs > deadlineMs) throw error;
      log.warn({ err: error, requestId }, 'settling failed; trying again');
    }
    await wait(delayMs);
  }
}

function report(requestId: string, { outcome, shortfallNano }: Settlement): void {
  if (outcome === 'unknown') log.warn({ requestId }, 'a request was settled that had no hold: placing it had failed');
  if (shortfallNano === 0n) return;
  log.error(
    { requestId, shortfallNano: shortfallNano.toString() },
    'a charge exceeded the balance; the rest is a shortfall',
  );
}
