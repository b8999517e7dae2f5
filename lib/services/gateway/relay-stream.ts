import type { Readable } from 'node:stream';
import type { Ending } from '@/lib/domain/ending';
import type { StreamMeter } from '@/lib/domain/stream-meter';
import { env } from '@/lib/platform/env';
import type { Reply } from './exchange';

/** How long a client that left is waited for, so that `message_start` can say what its input cost. */
export const LEFT_EARLY_WAIT_MS = 5_000;
/** A client that takes nothing for this long has left in all but name. */
const BLOCKED_CLIENT_MAX_MS = 300_000;
const PING = Buffer.from('event: ping\ndata: {"type":"ping"}\n\n');

type RelayTo = {
  reply: Reply;
  /** Called once, before the first bytes: a stream that dies before it said anything can still get an HTTP error. */
  open: () => void;
  meter: StreamMeter;
  stop: AbortSignal;
};

/** How a stream ended, and the bytes of its last frame, which wait for the charge. */
export type RelayedStream = { ending: Ending; held: Buffer[] };

/**
 * Passes an event stream on, each chunk at once and unchanged, while the meter watches. Gives exactly one ending, named
 * before anything is cancelled: whether an answer is whole is decided by `message_stop`, never by how its bytes stopped.
 * The upstream is still open when the ending is `finished`; in every other it has been destroyed.
 */
export function relayStream(upstream: Readable, { reply, open, meter, stop }: RelayTo): Promise<RelayedStream> {
  return new Promise((resolve) => {
    const held: Buffer[] = [];
    const pingMs = env().STREAM_PING_INTERVAL_MS;
    const stallMs = env().UPSTREAM_STALL_TIMEOUT_MS;
    let silentMs = 0;
    let blockedSinceMs: number | undefined;
    let ended = false;
    let opened = false;

    const write = (bytes: Buffer): boolean => {
      if (reply.left) return true;
      if (!opened) {
        opened = true;
        open();
      }
      return reply.write(bytes);
    };
    const end = (ending: Ending): void => {
      if (ended) return;
      ended = true;
      clearTimeout(silence);
      stop.removeEventListener('abort', onStop);
      if (ending !== 'finished') upstream.destroy();
      upstream.pause();
      resolve({ ending, held });
    };
    const onStop = (): void => end('stopped');
    const onEnd = (): void => {
      meter.end();
      end(endingOf(meter) ?? (reply.left ? leftEnding(meter) : 'upstream_failed'));
    };
    const onSilence = (): void => {
      silentMs += tickMs;
      silence.refresh();
      if (blockedSinceMs !== undefined) {
        if (performance.now() - blockedSinceMs > BLOCKED_CLIENT_MAX_MS) end(leftEnding(meter));
        return;
      }
      if (silentMs >= stallMs) return end('stalled');
      if (silentMs % pingMs < tickMs && meter.atBoundary) write(PING);
    };
    const tickMs = Math.min(pingMs, stallMs);
    const silence = setTimeout(onSilence, tickMs);

    upstream.on('data', (chunk: Buffer) => {
      if (ended) return;
      silentMs = 0;
      silence.refresh();
      const releasable = meter.push(chunk);
      if (releasable < chunk.length) held.push(chunk.subarray(releasable));
      if (releasable > 0 && !write(releasable === chunk.length ? chunk : chunk.subarray(0, releasable))) {
        blockedSinceMs = performance.now();
        upstream.pause();
      }
      const ending = endingOf(meter);
      if (ending) return end(ending);
      if (reply.left && meter.started) end('client_left');
    });
    upstream.on('end', onEnd);
    upstream.on('error', onEnd);
    upstream.on('close', onEnd);
    stop.addEventListener('abort', onStop);
    if (stop.aborted) onStop();
    reply.onDrain(() => {
      if (blockedSinceMs === undefined) return;
      blockedSinceMs = undefined;
      // The upstream was not read meanwhile: its silence counts from now.
      silentMs = 0;
      if (!ended) upstream.resume();
    });
    reply.onLeft(() => {
      if (meter.started) return end('client_left');
      blockedSinceMs = undefined;
      upstream.resume();
      setTimeout(() => end(leftEnding(meter)), LEFT_EARLY_WAIT_MS).unref();
    });
  });
}

function endingOf(meter: StreamMeter): Ending | undefined {
  if (meter.stopped) return 'finished';
  if (meter.fault === 'error_event') return 'upstream_failed';
  return meter.fault === 'malformed' ? 'malformed' : undefined;
}

function leftEnding(meter: StreamMeter): Ending {
  return meter.started ? 'client_left' : 'client_left_early';
}
