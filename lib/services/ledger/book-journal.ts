import { setTimeout as wait } from 'node:timers/promises';
import type { Journal } from '@/lib/platform/journal';
import { isDatabaseAway } from '@/lib/platform/database';
import { settleRecord, type Settlement } from '@/lib/platform/ledger-store';
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
    const results = await Promise.allSettled(records.map(settleRecord));
    const away = results.find((result) => result.status === 'rejected' && isDatabaseAway(result.reason));
    if (away) throw new Error('the journal could not be booked', { cause: away });
    const refused = records.filter(
      (_, index) => results[index]?.status === 'rejected' || outcomeOf(results[index]) === 'unknown',
    );
    if (refused.length > 0) {
      await journal.setAside(name, refused);
      log.error(
        { file: name, refused: refused.length },
        'the ledger refused settlements of the journal; they are set aside',
      );
    }
    log.info({ settlements: records.length, refused: refused.length }, 'the journal was booked');
    await journal.remove(name);
  }
}

function outcomeOf(result: PromiseSettledResult<Settlement> | undefined): Settlement['outcome'] | undefined {
  return result?.status === 'fulfilled' ? result.value.outcome : undefined;
}
