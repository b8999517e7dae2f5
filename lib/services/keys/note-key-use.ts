import { recordKeyUse } from '@/lib/platform/key-store';
import { log } from '@/lib/platform/log';
import { once } from '@/lib/platform/once';

const FLUSH_MS = 30_000;

/** Remembers that a key was used; written for all keys together every half minute, never per request. */
export function noteKeyUse(keyId: string, at: Date): void {
  keyUses().set(keyId, at);
}

/** Writes what is remembered; called as the process ends, too. What can't be written is tried again with the next. */
export async function flushKeyUses(): Promise<void> {
  const uses = keyUses();
  if (uses.size === 0) return;
  const batch = new Map(uses);
  uses.clear();
  try {
    await recordKeyUse(batch);
  } catch (error) {
    for (const [keyId, at] of batch) if (!uses.has(keyId)) uses.set(keyId, at);
    log.warn({ err: error }, 'could not record when keys were last used');
  }
}

function keyUses(): Map<string, Date> {
  return once('key-uses', () => {
    setInterval(() => void flushKeyUses(), FLUSH_MS).unref();
    return new Map<string, Date>();
  });
}
