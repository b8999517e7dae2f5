import { setTimeout as wait } from 'node:timers/promises';
import { settle, type Settlement, type UsageRow } from '@/lib/platform/ledger-store';
import { log } from '@/lib/platform/log';
import { once } from '@/lib/platform/once';

/** How long the last event of an answer may wait for its charge before the answer is given up. */
const CHARGE_WAIT_MS = 5_000;
const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 5_000;

/**
 * Books a finished request before its last event goes out, trying for five seconds.
 * @throws the database's error when it can't be booked in time.
 */
export async function settleNow(row: UsageRow, threadMessageId: string | null): Promise<Settlement> {
  return track(settleUntil(row, threadMessageId, performance.now() + CHARGE_WAIT_MS));
}

/** Books how a request ended when nobody waits for it: tried until it succeeds or the process ends; then the reaper does it. */
export function settleLater(row: UsageRow): void {
  void track(settleUntil(row, null, Infinity)).catch((error: unknown) =>
    log.error({ err: error, requestId: row.requestId }, 'could not settle a request'),
  );
}

/** Resolves when no settlement is under way. */
export async function settlementsInFlight(): Promise<void> {
  while (inFlight().size > 0) await Promise.allSettled([...inFlight()]);
}

async function settleUntil(row: UsageRow, threadMessageId: string | null, deadlineMs: number): Promise<Settlement> {
  for (let delayMs = RETRY_FIRST_MS; ; delayMs = Math.min(delayMs * 2, RETRY_MAX_MS)) {
    try {
      const settlement = await settle(row, threadMessageId);
      if (settlement.outcome === 'unknown')
        log.error({ requestId: row.requestId }, 'a request was settled that never had a hold');
      if (settlement.shortfallNano > 0n)
        log.error(
          { requestId: row.requestId, shortfallNano: settlement.shortfallNano.toString() },
          'a charge exceeded the balance; the rest is a shortfall',
        );
      return settlement;
    } catch (error) {
      if (performance.now() + delayMs > deadlineMs) throw error;
      log.warn({ err: error, requestId: row.requestId }, 'settling failed; trying again');
    }
    await wait(delayMs);
  }
}

function track<T>(settlement: Promise<T>): Promise<T> {
  const set = inFlight();
  set.add(settlement);
  const done = (): void => void set.delete(settlement);
  settlement.then(done, done);
  return settlement;
}

function inFlight(): Set<Promise<unknown>> {
  return once('settlements-in-flight', () => new Set<Promise<unknown>>());
}
