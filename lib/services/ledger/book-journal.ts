import { setTimeout as wait } from 'node:timers/promises';
import type { Journal } from '@/lib/platform/journal';
import { settleRecord } from '@/lib/platform/ledger-store';
import { log } from '@/lib/platform/log';

/**
 * Books what a process has kept in its journal, each settlement once however often this is called, and removes it then.
 * `lateWriteMs` is the time that another process, if it lives after all, is given to end a write that it has begun.
 * @throws the database's error when it is away; the journal stays as it is.
 */
export async function bookJournal(journal: Journal, instance: string, lateWriteMs = 0): Promise<void> {
  const names = await journal.take(instance);
  if (lateWriteMs > 0) await wait(lateWriteMs);
  for (const name of names) {
    const records = await journal.read(name);
    const settlements = await Promise.all(records.map(settleRecord));
    const count = (outcome: string): number =>
      settlements.filter((settlement) => settlement.outcome === outcome).length;
    log.info({ settlements: records.length, already: count('already') }, 'the journal was booked');
    if (count('unknown') > 0)
      log.error({ unknown: count('unknown') }, 'the journal named requests that the ledger does not know');
    await journal.remove(name);
  }
}
