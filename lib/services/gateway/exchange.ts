import type { IncomingHeaders } from '@/lib/domain/forwarded-headers';
import type { Caller } from '../keys/authenticate-key';

/** Where an answer goes. Each door makes its own; the gateway's verbs know no other way to the client. */
export interface Reply {
  /** Sends the status and headers. Called once, before any bytes. */
  open(status: number, headers: Record<string, string>): void;
  /** Hands bytes on; false asks to wait for `onDrain` before the next. */
  write(bytes: Uint8Array): boolean;
  /** Ends the answer cleanly. */
  end(bytes?: Uint8Array): void;
  /** Breaks the connection off, so that no client takes what it has for the whole. */
  destroy(): void;
  /** Whether the client is gone. */
  readonly left: boolean;
  /** Called once, when the client goes before the answer has ended; at once if it is gone already. */
  onLeft(listener: () => void): void;
  /** Called whenever there is room again after a `write` that gave false. */
  onDrain(listener: () => void): void;
}

/** One authenticated request with its body read, and the way back. */
export type Exchange = {
  requestId: string;
  caller: Caller;
  headers: IncomingHeaders;
  query: URLSearchParams;
  /** The named parts of the path. */
  params: Readonly<Record<string, string>>;
  body: Buffer;
  startedAt: Date;
  /** Monotonic, for durations. */
  startedAtMs: number;
  /** Headers that every answer of this exchange carries: its id, CORS, and the rate limits once they are known. */
  answerHeaders: Record<string, string>;
  reply: Reply;
  /** What the access log says of it, filled as it becomes known. Never content. */
  logged: Record<string, string | number | boolean>;
};
