import type { Settlement, UsageRow } from '@/lib/platform/ledger-store';
import { settleUntil } from './settle-until';

/** How long the last event of an answer may wait for its charge before the answer is given up. */
const CHARGE_WAIT_MS = 5_000;

/**
 * Books a finished request before its last event goes out, trying for five seconds.
 * @throws the database's error when it can't be booked in time.
 */
export function settleNow(row: UsageRow, threadMessageId: string | null): Promise<Settlement> {
  return settleUntil(row, threadMessageId, performance.now() + CHARGE_WAIT_MS);
}
