import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

export interface CallOptions {
  method?: string;
  path?: string;
  /** Instead of none; `key` and a body add theirs. */
  headers?: Record<string, string>;
  /** Sent as `x-api-key` with the older API version. */
  key?: string;
  /** Sent as it is, or as JSON. */
  body?: object | string | Buffer;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  text: string;
  /** When each chunk came, in milliseconds after the call began. */
  chunks: { atMs: number; bytes: Buffer }[];
  /** Whether the answer came to its own end, or the connection broke under it. */
  ended: 'clean' | 'broken';
}

/** One request over a connection of its own, as bytes: nothing is parsed, retried or smoothed over. */
export interface Call {
  /** What came, once it has come to an end of whatever kind. Rejects when there was no answer at all. */
  answer: Promise<Answer>;
  /** Resolves when this text has come. Rejects when the answer ends without it. */
  until(text: string): Promise<void>;
  /** Closes the connection, as a client that gives up does. */
  leave(): void;
}

export function call(url: string, options: CallOptions): Call {
  const startedMs = performance.now();
  const body = bodyBytes(options.body);
  const chunks: Answer['chunks'] = [];
  const listeners = new Set<() => void>();
  const request = http.request(url, {
    // As it is written: a URL would resolve its dots and doubled slashes.
    path: options.path ?? '/v1/messages',
    agent: false,
    method: options.method ?? 'POST',
    headers: { ...headersFor(options, body), ...options.headers },
  });
  const answer = new Promise<Answer>((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      response.on('data', (bytes: Buffer) => {
        chunks.push({ atMs: performance.now() - startedMs, bytes });
        for (const listener of listeners) listener();
      });
      // A response that breaks off says `error` as well as `close`; `complete` tells both ends apart.
      response.on('error', () => undefined);
      response.on('close', () => resolve(toAnswer(response, chunks)));
    });
  });
  answer.catch(() => undefined);
  request.end(body);
  return { answer, until: (text) => untilText(text, chunks, listeners, answer), leave: () => request.destroy() };
}

/** A request and its whole answer. */
export function ask(url: string, options: CallOptions): Promise<Answer> {
  return call(url, options).answer;
}

/** An answer's JSON, as an object. */
export function jsonOf(answer: Answer): Record<string, unknown> {
  return JSON.parse(answer.text) as Record<string, unknown>;
}

/** The `error` of an error answer. */
export function errorOf(answer: Answer): { type: string; message: string; code?: number; details?: object } {
  return jsonOf(answer)['error'] as { type: string; message: string };
}

function bodyBytes(body: CallOptions['body']): Buffer | undefined {
  if (body === undefined || Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function headersFor({ key }: CallOptions, body: Buffer | undefined): Record<string, string> {
  return {
    ...(key === undefined ? {} : { 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(body.length) }),
  };
}

function toAnswer(response: IncomingMessage, chunks: Answer['chunks']): Answer {
  const bytes = Buffer.concat(chunks.map((chunk) => chunk.bytes));
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    bytes,
    text: bytes.toString('utf8'),
    chunks,
    ended: response.complete ? 'clean' : 'broken',
  };
}

function untilText(
  text: string,
  chunks: Answer['chunks'],
  listeners: Set<() => void>,
  answer: Promise<Answer>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (!Buffer.concat(chunks.map((chunk) => chunk.bytes)).includes(text)) return;
      listeners.delete(look);
      resolve();
    };
    listeners.add(look);
    answer.then(({ text: all }) => {
      look();
      reject(new Error(`The answer ended without ${text}:\n${all.slice(0, 2000)}`));
    }, reject);
    look();
  });
}
