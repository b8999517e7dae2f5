import { findLivingInstances } from '@/lib/platform/hold-store';
import { INSTANCE_SILENT_MS } from '@/lib/platform/instance';
import { journal } from '@/lib/platform/journal';
import { log } from '@/lib/platform/log';
import { bookJournal } from '../ledger/book-journal';

const LATE_WRITE_MS = 2_000;

/** Books what processes of this machine left in their journals when they died; the living see to their own. */
export async function bookLeftJournals(): Promise<void> {
  const kept = journal();
  if (!kept) return;
  const instances = await kept.instances();
  if (instances.length === 0) return;
  const living = await findLivingInstances(INSTANCE_SILENT_MS);
  for (const instance of instances) {
    if (living.has(instance)) continue;
    await bookJournal(kept, instance, LATE_WRITE_MS).catch((error: unknown) => {
      log.error({ err: error, instance }, 'what a process left in its journal could not be booked yet');
    });
  }
}
