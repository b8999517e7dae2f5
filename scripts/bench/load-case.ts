import { setTimeout as sleep } from 'node:timers/promises';
import type { Prompt } from './answer';
import type { BenchCase, Figure } from './bench-case';
import { cpuMsOf } from './process-figures';
import { sendInLoops } from './send-in-loops';
import { percentile } from './statistics';
import type { Subject } from './subject';

const REQUESTS_MAX = 100_000;
/** What a server put off until after its answers is its cost too. */
const AFTERMATH_MS = 100;

export interface LoadOptions {
  title: string;
  prompt: Prompt;
  connections: number;
  durationMs: number;
}

const RATE: Figure = { name: 'requests per second', unit: 'per second', shownAs: 'ratio' };
const CPU: Figure = { name: 'CPU per request', unit: 'ms', shownAs: 'ratio' };
const FIRST_BYTE_P50: Figure = { name: 'added time to first byte, p50', unit: 'ms', shownAs: 'added' };
const FIRST_BYTE_P99: Figure = { name: 'added time to first byte, p99', unit: 'ms', shownAs: 'added' };

/** Connections that each send the next request when the last one is answered, for a while. */
export function loadCase({ title, prompt, connections, durationMs }: LoadOptions): BenchCase {
  // Where several connections saturate the machine, the time to the first byte only says how many wait in line.
  const figures = connections === 1 ? [RATE, CPU, FIRST_BYTE_P50, FIRST_BYTE_P99] : [RATE, CPU];
  const run = async (subject: Subject) => {
    const cpuBeforeMs = cpuMsOf(subject.pid());
    const startedAtMs = performance.now();
    const firstBytesMs = await sendInLoops(subject, { prompt, connections, durationMs, requestsMax: REQUESTS_MAX });
    const elapsedMs = performance.now() - startedAtMs;
    await sleep(AFTERMATH_MS);
    const cpuAfterMs = cpuMsOf(subject.pid());
    const requests = firstBytesMs.length;
    return {
      [RATE.name]: (requests * 1000) / elapsedMs,
      [CPU.name]: cpuAfterMs === undefined ? undefined : (cpuAfterMs - (cpuBeforeMs ?? 0)) / requests,
      [FIRST_BYTE_P50.name]: percentile(firstBytesMs, 0.5),
      [FIRST_BYTE_P99.name]: percentile(firstBytesMs, 0.99),
    };
  };
  return { title, figures, run };
}
