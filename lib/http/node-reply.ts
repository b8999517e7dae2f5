import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Reply } from '@/lib/services/gateway/exchange';

/** How long a client may take for the last of an answer that is broken off. */
const LAST_WORDS_MS = 5_000;
/** The same for an answer that is whole: a slow line may need its time. */
const LAST_BYTES_MS = 300_000;

/** A reply that writes to a Node response itself. */
export class NodeReply implements Reply {
  left = false;
  readonly #response: ServerResponse;
  readonly #socket: Socket;
  readonly #onLeft: (() => void)[] = [];

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#response = response;
    // The response of a pipelined request has no socket until its turn comes; the request always has.
    this.#socket = request.socket;
    const onClose = (): void => {
      this.#leave();
    };
    this.#socket.once('close', onClose);
    response.once('finish', () => this.#socket.off('close', onClose));
    response.on('error', () => undefined);
  }

  open(status: number, headers: Record<string, string>): void {
    if (!this.left) this.#response.writeHead(status, headers);
  }

  write(bytes: Uint8Array): boolean {
    return this.left || this.#response.write(bytes);
  }

  end(bytes?: Uint8Array): void {
    if (this.left) return;
    if (bytes) this.#response.end(bytes);
    else this.#response.end();
    if (this.#response.writableLength > 0) this.#cutAfter(LAST_BYTES_MS);
  }

  destroy(): void {
    if (this.left) return;
    // What was written goes out first; the end of a chunked answer is never sent, so that no client takes it for whole.
    this.#socket.destroySoon();
    this.#cutAfter(LAST_WORDS_MS);
  }

  onLeft(listener: () => void): void {
    if (this.left) listener();
    else this.#onLeft.push(listener);
  }

  onDrain(listener: () => void): void {
    this.#response.on('drain', listener);
  }

  /** A client that takes nothing must not keep its connection, and what waits in it, for ever. */
  #cutAfter(timeMs: number): void {
    const timer = setTimeout(() => this.#socket.destroy(), timeMs).unref();
    const done = (): void => {
      clearTimeout(timer);
    };
    this.#response.once('finish', done);
    this.#socket.once('close', done);
  }

  #leave(): void {
    if (this.left || this.#response.writableEnded) return;
    this.left = true;
    for (const listener of this.#onLeft) listener();
  }
}
