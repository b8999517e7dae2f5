import { setTimeout as wait } from 'node:timers/promises';
import { instanceId } from '@/lib/platform/instance';
import type { Journal } from '@/lib/platform/journal';
import { log } from '@/lib/platform/log';
import { once } from '@/lib/platform/once';
import { bookJournal } from '../ledger/book-journal';

const RETRY_MS = 1_000;

/** Books this process's own journal as soon as the database is back; one replay runs at a time. Never throws. */
export function replayJournal(journal: Journal): void {
  const state = once('journal-replay', () => ({ running: false, again: false }));
  state.again = true;
  if (state.running) return;
  state.running = true;
  void replay(journal, state);
}

/** What is kept while a replay runs is another round's. */
async function replay(journal: Journal, state: { running: boolean; again: boolean }): Promise<void> {
  while (state.again) {
    await wait(RETRY_MS);
    state.again = false;
    await bookJournal(journal, instanceId()).catch((error: unknown) => {
      state.again = true;
      log.debug({ err: error }, 'the journal waits for the database');
    });
  }
  state.running = false;
}
