import { isDatabaseAway } from '@/lib/platform/database';
import { journal } from '@/lib/platform/journal';
import { settlementRecord, type UsageRow } from '@/lib/platform/ledger-store';
import { log } from '@/lib/platform/log';
import { replayJournal } from './replay-journal';
import { settleUntil } from './settle-until';

/** How long the last event of an answer may wait for its charge before the answer is given up, or kept in the journal. */
const CHARGE_WAIT_MS = 5_000;
const JOURNAL_AFTER_MS = 1_500;

/**
 * Books a finished request before its last event goes out. With the database away the charge goes to the journal on disk,
 * from which it is booked when the database is back; without a journal it is tried for five seconds.
 * @throws the database's error when the charge can be neither booked nor kept.
 */
export async function settleNow(row: UsageRow, threadMessageId: string | null): Promise<void> {
  const kept = journal();
  if (!kept) {
    await settleUntil(row, threadMessageId, performance.now() + CHARGE_WAIT_MS);
    return;
  }
  const settlement = settleUntil(row, threadMessageId, performance.now() + JOURNAL_AFTER_MS);
  const booked = await within(settlement, JOURNAL_AFTER_MS).catch((error: unknown) => {
    if (!isDatabaseAway(error)) throw error;
    return false;
  });
  if (booked) return;
  await kept.append(settlementRecord(row, threadMessageId));
  log.warn({ requestId: row.requestId }, 'the database is away: a charge is kept in the journal');
  replayJournal(kept);
}

/** Whether a settlement is made in time; one that is late goes on, and is harmless beside the journal's. */
async function within(settlement: Promise<unknown>, timeMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => {
      settlement.catch(() => undefined);
      resolve(false);
    }, timeMs);
  });
  try {
    return await Promise.race([settlement.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
