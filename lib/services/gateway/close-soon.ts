import type { Readable } from 'node:stream';

/** How long an upstream may take to end an answer that is not read any further, before its connection is given up. */
const CLOSE_WAIT_MS = 1_000;

/** Lets an answer run out unread, so that its connection can serve again, but not for long. */
export function closeSoon(body: Readable): void {
  body.on('error', () => undefined);
  body.resume();
  if (body.readableEnded) return;
  const timer = setTimeout(() => body.destroy(), CLOSE_WAIT_MS);
  body.once('close', () => {
    clearTimeout(timer);
  });
}
