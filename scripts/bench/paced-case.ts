import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { PACED_DELTAS, PACED_INTERVAL_MS, stampsIn } from './answer';
import type { BenchCase, Figure } from './bench-case';
import { sendMessage } from './send-message';
import { percentile } from './statistics';
import type { Subject } from './subject';

const UNREAD_CHARACTERS_MAX = 64 * 1024;

const DELAY_P50: Figure = { name: 'delay of an event, p50', unit: 'ms', shownAs: 'plain' };
const DELAY_P99: Figure = { name: 'delay of an event, p99', unit: 'ms', shownAs: 'plain' };
const LAST_P50: Figure = { name: 'delay of the last event, p50', unit: 'ms', shownAs: 'plain' };

/** Streams that write like a model does: the time from the upstream's write of an event to its receipt by the client. */
export function pacedCase({ streams }: { streams: number }): BenchCase {
  const run = async (subject: Subject) => {
    const agent = new http.Agent({ keepAlive: false });
    const delays = await Promise.all(
      Array.from({ length: streams }, async (_, index) => {
        await sleep((index * PACED_INTERVAL_MS) / streams);
        return readStream(subject, agent);
      }),
    );
    const ordinary = delays.flatMap((ofStream) => ofStream.slice(0, -1));
    const last = delays.flatMap((ofStream) => ofStream.slice(-1));
    return {
      [DELAY_P50.name]: percentile(ordinary, 0.5),
      [DELAY_P99.name]: percentile(ordinary, 0.99),
      [LAST_P50.name]: percentile(last, 0.5),
    };
  };
  const title = `${String(streams)} streams, an event every ${String(PACED_INTERVAL_MS)} ms in each`;
  return { title, figures: [DELAY_P50, DELAY_P99, LAST_P50], run };
}

/** The delays of one stream's events in milliseconds, the last event's last. Throws when one is missing. */
async function readStream(subject: Subject, agent: http.Agent): Promise<number[]> {
  const delaysMs: number[] = [];
  let unread = '';
  const onChunk = (chunk: Buffer) => {
    const now = process.hrtime.bigint();
    const text = unread + chunk.toString('latin1');
    // A chunk may end amid a frame; what follows the last whole frame is read with the next chunk.
    const whole = text.lastIndexOf('\n\n') + 2;
    unread = whole < 2 ? text.slice(-UNREAD_CHARACTERS_MAX) : text.slice(whole);
    if (whole >= 2) delaysMs.push(...stampsIn(text.slice(0, whole)).map((stamp) => Number(now - stamp) / 1e6));
  };
  await sendMessage({ subject, agent, prompt: 'paced', onChunk });
  const expected = PACED_DELTAS + 1;
  if (delaysMs.length !== expected) {
    throw new Error(`${subject.name}: ${String(delaysMs.length)} events of ${String(expected)} arrived`);
  }
  return delaysMs;
}
