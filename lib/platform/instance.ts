import { newId } from '@/lib/domain/id';
import { database } from './database';
import { log } from './log';
import { once } from './once';

const HEARTBEAT_MS = 5_000;
/** A process that is silent this long is taken for dead and its holds are settled; six missed heartbeats. */
export const INSTANCE_SILENT_MS = 30_000;

/** This process's id, under which its holds are kept. */
export function instanceId(): string {
  return once('instance-id', () => newId('ins', Date.now()));
}

/** Says that this process lives, from the first call on and then for as long as it does. Holds may be placed once it resolves. */
export function announceInstance(): Promise<void> {
  const heart = once<{ first: Promise<void> | undefined }>('instance-heartbeat', () => ({ first: undefined }));
  heart.first ??= startHeartbeat().catch((error: unknown) => {
    heart.first = undefined;
    throw error;
  });
  return heart.first;
}

async function startHeartbeat(): Promise<void> {
  await beat();
  setInterval(() => {
    beat().catch((error: unknown) => log.warn({ err: error }, 'could not record that this process lives'));
  }, HEARTBEAT_MS).unref();
}

async function beat(): Promise<void> {
  await database().query({
    name: 'instance_beat',
    text: 'INSERT INTO instances (id, seen_at) VALUES ($1, now()) ON CONFLICT (id) DO UPDATE SET seen_at = now()',
    values: [instanceId()],
  });
}
