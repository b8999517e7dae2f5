import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchCase, Figure } from './bench-case';
import { residentKbOf } from './process-figures';
import { sendMessage } from './send-message';
import type { Subject } from './subject';
import { warmUp, type WarmUp } from './warm-up';

/** Until code is loaded and the heap has taken its size; what a start leaves behind would else outweigh the streams. */
const WARM_UP: WarmUp = { requests: 600, streams: 60 };
const WARM_UP_HELD = 20;
const REST_MS = 1_000;
const OPEN_MS = 1_500;

const MEMORY: Figure = { name: 'memory per open stream', unit: 'kB', shownAs: 'ratio' };

export interface OpenStreamsOptions {
  streams: number;
  /** Lets every held stream come to its end. */
  releaseHeld: () => Promise<void>;
}

/**
 * Streams that are open at the same time, each saying a little: what they add to the server's memory. It starts from a
 * fresh process, since a heap that was large before has room that no figure shows.
 */
export function openStreamsCase({ streams, releaseHeld }: OpenStreamsOptions): BenchCase {
  const run = async (subject: Subject) => {
    await subject.restart();
    await warmUp(subject, WARM_UP);
    const endWarmUp = await openStreams(subject, WARM_UP_HELD, releaseHeld);
    await endWarmUp();
    await sleep(REST_MS);
    const beforeKb = residentKbOf(subject.pid());
    const end = await openStreams(subject, streams, releaseHeld);
    await sleep(OPEN_MS);
    const afterKb = residentKbOf(subject.pid());
    await end();
    if (beforeKb === undefined || afterKb === undefined) return {};
    return { [MEMORY.name]: (afterKb - beforeKb) / streams };
  };
  return { title: `${String(streams)} open streams`, figures: [MEMORY], run };
}

/** Answers when all of them have said something; gives what ends them and waits for that. */
async function openStreams(
  subject: Subject,
  count: number,
  releaseHeld: () => Promise<void>,
): Promise<() => Promise<void>> {
  const agent = new http.Agent({ keepAlive: false });
  const streams = Array.from({ length: count }, () => {
    let onOpen: () => void;
    const opened = new Promise<void>((resolve) => (onOpen = resolve));
    const ended = sendMessage({ subject, agent, prompt: 'held', onChunk: () => onOpen() });
    return { opened: Promise.race([opened, ended]), ended };
  });
  await Promise.all(streams.map(({ opened }) => opened));
  return async () => {
    await releaseHeld();
    await Promise.all(streams.map(({ ended }) => ended));
  };
}
