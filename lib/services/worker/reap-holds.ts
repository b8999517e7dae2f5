import { log } from '@/lib/platform/log';
import { INSTANCE_SILENT_MS } from '@/lib/platform/instance';
import { findOrphanedHolds, forgetInstances } from '@/lib/platform/hold-store';
import { settle } from '@/lib/platform/ledger-store';

const BATCH = 500;

/**
 * Gives back the holds of processes that are gone. What they had finished was charged before its last event went out, so
 * what is left was broken by us and costs nothing. A process that was only paused settles over it when it comes back.
 */
export async function reapHolds(): Promise<void> {
  for (;;) {
    const holds = await findOrphanedHolds(INSTANCE_SILENT_MS, BATCH);
    for (const hold of holds) {
      await settle(
        {
          ...hold,
          servedModel: null,
          upstream: null,
          upstreamRequestId: null,
          status: 500,
          ending: 'crashed',
          settledFrom: 'none',
          stopReason: null,
          inputTokens: 0,
          outputTokens: 0,
          cacheWrite5mTokens: 0,
          cacheWrite1hTokens: 0,
          cacheReadTokens: 0,
          webSearchRequests: 0,
          amountNano: 0n,
          forgivenNano: 0n,
          receipt: [],
          flags: [],
          firstByteMs: null,
          durationMs: null,
        },
        null,
      );
    }
    if (holds.length > 0) log.warn({ holds: holds.length }, 'gave back the holds of a process that is gone');
    if (holds.length < BATCH) break;
  }
  await forgetInstances();
}
