import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAnswers } from './malformed-answers';
import type { MalformedRequest } from './malformed-request';

export interface Delivery {
  /** All that the server sent. */
  bytes: Buffer;
  /** `reset`: the server closed while the client still sent, which may cost the answer its end. */
  ending: 'closed' | 'reset' | 'left' | 'hung';
}

/** After so long without a byte, a client that does not know whether it is to be answered sends its end. */
const QUIET_MS = 150;
/** An answer takes milliseconds; a server that leaves a connection open for this long has forgotten it. */
const HUNG_MS = 15_000;

/** Sends a request over a connection of its own and takes down what comes, until the connection is gone. */
export async function sendMalformed(port: number, request: MalformedRequest): Promise<Delivery> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  const chunks: Buffer[] = [];
  const began = performance.now();
  let lastMs = began;
  const seen = { reset: false };
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    lastMs = performance.now();
  });
  socket.on('error', () => {
    seen.reset = true;
  });
  const closed = new Promise<true>((resolve) => socket.once('close', () => resolve(true)));
  await write(socket, request);
  lastMs = performance.now();
  const ended = (): boolean => {
    if (performance.now() - began > HUNG_MS) return true;
    if (request.client === 'quiet') return performance.now() - lastMs > QUIET_MS;
    return isAnswered(Buffer.concat(chunks), request.method);
  };
  if (request.client === 'leaves') socket.destroy();
  // What is sent with `connection: close` the server closes itself; the rest is ours to end.
  while (!(await Promise.race([closed, sleep(QUIET_MS / 3)]))) {
    if (socket.writable && ended()) socket.end();
    if (performance.now() - lastMs > HUNG_MS) return { bytes: Buffer.concat(chunks), ending: 'hung' };
  }
  const ending = request.client === 'leaves' ? 'left' : seen.reset ? 'reset' : 'closed';
  return { bytes: Buffer.concat(chunks), ending };
}

async function write(socket: net.Socket, { pieces, pauseMs }: MalformedRequest): Promise<void> {
  for (const [at, piece] of pieces.entries()) {
    if (at > 0) await sleep(pauseMs);
    if (!socket.writable) return;
    socket.write(piece);
  }
}

function isAnswered(bytes: Buffer, method: string): boolean {
  try {
    const [first] = readAnswers(bytes, method);
    return first?.whole === true;
  } catch {
    return false;
  }
}
