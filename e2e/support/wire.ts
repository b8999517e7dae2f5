import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { once } from 'node:events';

export interface WireRequest {
  method?: string;
  path: string;
  headers?: Record<string, string | string[]>;
  /** Sent as it is; a string as UTF-8. */
  body?: Buffer | string;
}

export interface WireAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** `cut` when the connection broke before the body had ended by its own framing. */
  ending: 'whole' | 'cut';
}

/** An answer whose head has come and whose body is still coming. */
export interface LiveAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** What has come so far. */
  received(): Buffer;
  /** Resolves when at least this many bytes have come, or the answer has ended. */
  receivedBytes(bytes: number): Promise<void>;
  /** Stops and goes on taking bytes from the connection. */
  pause(): void;
  resume(): void;
  /** Closes the connection, as a client that leaves does. */
  leave(): void;
  ended: Promise<WireAnswer>;
}

const SOCKETS_MAX = 64;
const agent = new http.Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });

/** One HTTP exchange as its bytes are, redirects not followed and nothing decoded. */
export async function exchange(url: string, request: WireRequest): Promise<WireAnswer> {
  return (await open(url, request)).ended;
}

/** Sends a request and resolves with its answer's head. */
export async function open(url: string, request: WireRequest): Promise<LiveAnswer> {
  const { hostname, port } = new URL(url);
  const body = request.body === undefined ? undefined : Buffer.from(request.body);
  const outgoing = http.request({
    hostname,
    port,
    agent,
    method: request.method ?? (body === undefined ? 'GET' : 'POST'),
    path: request.path,
    headers: { ...(body === undefined ? {} : { 'content-length': body.length }), ...request.headers },
  });
  outgoing.end(body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  outgoing.on('error', () => undefined);
  return liveAnswer(incoming, () => outgoing.destroy());
}

function liveAnswer(incoming: IncomingMessage, leave: () => void): LiveAnswer {
  const chunks: Buffer[] = [];
  const arrivals = new Set<() => void>();
  const arrived = (): void => {
    for (const listener of arrivals) listener();
  };
  let bytes = 0;
  let over = false;
  const head = { status: incoming.statusCode ?? 0, headers: incoming.headers };
  const ended = new Promise<WireAnswer>((resolve) => {
    incoming.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      arrived();
    });
    incoming.on('error', () => undefined);
    incoming.on('close', () => {
      over = true;
      arrived();
      resolve({ ...head, body: Buffer.concat(chunks), ending: incoming.complete ? 'whole' : 'cut' });
    });
  });
  return {
    ...head,
    received: () => Buffer.concat(chunks),
    receivedBytes: (wanted) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (bytes < wanted && !over) return;
          arrivals.delete(check);
          resolve();
        };
        arrivals.add(check);
        check();
      }),
    pause: () => incoming.pause(),
    resume: () => incoming.resume(),
    leave,
    ended,
  };
}
