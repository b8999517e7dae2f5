import { ensureUsagePartitions, forgetThreadMessages } from '@/lib/platform/hold-store';
import { withLease } from '@/lib/platform/lease-store';
import { bookLeftJournals } from './book-left-journals';
import { reapHolds } from './reap-holds';

/** Work that is done again and again, by one worker at a time however many run. */
export type WorkerLoop = { name: string; everyMs: number; run: () => Promise<void> };

const THREADS_KEPT_DAYS = 30;

/** Everything the worker does. */
export const loops: readonly WorkerLoop[] = [
  leased('reap-holds', 5_000, reapHolds),
  // Each machine has its own disk, so that no lease decides who books what was left on it.
  { name: 'book-left-journals', everyMs: 5_000, run: bookLeftJournals },
  leased('make-partitions', 6 * 3_600_000, ensureUsagePartitions),
  leased('forget-threads', 3_600_000, () => forgetThreadMessages(THREADS_KEPT_DAYS)),
];

function leased(name: string, everyMs: number, work: () => Promise<void>): WorkerLoop {
  return { name, everyMs, run: () => withLease(name, work) };
}
