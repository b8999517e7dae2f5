import type { BenchCase } from './bench-case';
import { loadCase } from './load-case';
import { openStreamsCase } from './open-streams-case';
import { pacedCase } from './paced-case';
import type { WarmUp } from './warm-up';

const OPEN_STREAMS = 500;
const PACED_STREAMS = 16;

/** How long a run takes, and how much it can be trusted. */
export interface Extent {
  rounds: number;
  /** Of the open streams, for each of which every server starts anew. */
  openStreamsRounds: number;
  loadMs: number;
  warmUp: WarmUp;
}

export const FULL: Extent = {
  rounds: 6,
  openStreamsRounds: 3,
  loadMs: 2_000,
  warmUp: { requests: 4_000, streams: 500 },
};
export const QUICK: Extent = {
  rounds: 3,
  openStreamsRounds: 1,
  loadMs: 600,
  warmUp: { requests: 1_000, streams: 150 },
};

/** Requests as fast as they are answered, and streams at a model's pace. */
export function loadCases(durationMs: number): BenchCase[] {
  return [
    loadCase({ title: 'JSON of 1 kB, 1 connection', prompt: 'json', connections: 1, durationMs }),
    loadCase({ title: 'JSON of 1 kB, 32 connections', prompt: 'json', connections: 32, durationMs }),
    loadCase({ title: 'streams of 200 events, 8 connections', prompt: 'flat-out', connections: 8, durationMs }),
    pacedCase({ streams: PACED_STREAMS }),
  ];
}

/** Streams that stay open. */
export function memoryCases(releaseHeld: () => Promise<void>): BenchCase[] {
  return [openStreamsCase({ streams: OPEN_STREAMS, releaseHeld })];
}
