import type { ServerResponse } from 'node:http';
import type { Reply } from '@/lib/services/gateway/exchange';

/** A reply that writes to a Node response itself. */
export class NodeReply implements Reply {
  left = false;
  readonly #response: ServerResponse;
  readonly #onLeft: (() => void)[] = [];

  constructor(response: ServerResponse) {
    this.#response = response;
    response.on('error', () => undefined);
    response.once('close', () => {
      if (response.writableEnded) return;
      this.left = true;
      for (const listener of this.#onLeft) listener();
    });
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
  }

  destroy(): void {
    // What was written goes out first; the end of a chunked answer is never sent, so that no client takes it for whole.
    if (!this.left) this.#response.socket?.destroySoon();
  }

  onLeft(listener: () => void): void {
    if (this.left) listener();
    else this.#onLeft.push(listener);
  }

  onDrain(listener: () => void): void {
    this.#response.on('drain', listener);
  }
}
