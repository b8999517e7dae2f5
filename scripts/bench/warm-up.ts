import { sendInLoops } from './send-in-loops';
import type { Subject } from './subject';

/** Counted in requests, not in time: a slow server needs as many as a fast one until its code is compiled. */
export interface WarmUp {
  requests: number;
  streams: number;
}

const DURATION_MAX_MS = 20_000;

/** Lets a server run until its speed is its usual one; nothing is measured. */
export async function warmUp(subject: Subject, { requests, streams }: WarmUp): Promise<void> {
  const durationMs = DURATION_MAX_MS;
  await sendInLoops(subject, { prompt: 'json', connections: 16, durationMs, requestsMax: requests });
  await sendInLoops(subject, { prompt: 'flat-out', connections: 8, durationMs, requestsMax: streams });
}
