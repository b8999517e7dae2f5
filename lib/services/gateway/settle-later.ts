import type { UsageRow } from '@/lib/platform/ledger-store';
import { log } from '@/lib/platform/log';
import { settleUntil } from './settle-until';

/** Books how a request ended when nobody waits for it: tried until it succeeds or the process ends; then the reaper does it. */
export function settleLater(row: UsageRow): void {
  settleUntil(row, null, Infinity).catch((error: unknown) => {
    log.error({ err: error, requestId: row.requestId }, 'could not settle a request');
  });
}
