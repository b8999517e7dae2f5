import type { Reply } from '@/lib/services/gateway/exchange';

/** How much may wait in the stream before its writer is asked to pause. */
const BUFFERED_BYTES_MAX = 64 * 1024;
const FLUSH_MS = 10;
/** A client that takes nothing is cut off all the same. */
const BLOCKED_FLUSH_MS = 5_000;

/**
 * A reply that becomes a web Response, for hosts that call route handlers. A whole answer becomes a plain body; one that
 * is written piece by piece becomes a stream that respects its reader's pace.
 */
export class ResponseReply implements Reply {
  readonly response: Promise<Response>;
  left = false;
  #resolve: (response: Response) => void = () => undefined;
  #head: { status: number; headers: Record<string, string> } | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #ended = false;
  #onLeft: (() => void)[] = [];
  #onDrain: () => void = () => undefined;

  /** `signal` is the request's: aborted when the client goes. */
  constructor(signal: AbortSignal) {
    this.response = new Promise((resolve) => (this.#resolve = resolve));
    signal.addEventListener('abort', () => this.#leave(), { once: true });
    if (signal.aborted) this.#leave();
  }

  open(status: number, headers: Record<string, string>): void {
    this.#head = { status, headers };
  }

  write(bytes: Uint8Array): boolean {
    if (this.#ended) return true;
    const controller = this.#stream();
    controller.enqueue(bytes);
    return (controller.desiredSize ?? 0) > 0;
  }

  end(bytes?: Uint8Array): void {
    if (this.#ended) return;
    if (!this.#controller) {
      this.#ended = true;
      this.#resolve(new Response(bytes ? Buffer.from(bytes) : null, this.#head ?? {}));
      return;
    }
    if (bytes && bytes.length > 0) this.#controller.enqueue(bytes);
    this.#ended = true;
    this.#controller.close();
  }

  destroy(): void {
    if (this.#ended) return;
    const controller = this.#stream();
    this.#ended = true;
    const cut = (): void => controller.error(new AnswerBroken());
    // An error overtakes what is queued, and a web stream does not tell when its bytes have left. The last frame says why
    // the answer breaks, so that it is given the time to go out.
    const cutSoon = (): void => void setTimeout(cut, FLUSH_MS);
    if (controller.desiredSize === BUFFERED_BYTES_MAX) return cutSoon();
    this.#onDrain = cutSoon;
    setTimeout(cut, BLOCKED_FLUSH_MS).unref();
  }

  onLeft(listener: () => void): void {
    if (this.left) listener();
    else this.#onLeft.push(listener);
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  #stream(): ReadableStreamDefaultController<Uint8Array> {
    this.#controller ??= this.#openStream();
    return this.#controller;
  }

  #openStream(): ReadableStreamDefaultController<Uint8Array> {
    // A stream calls `start` while it is made.
    let controller!: ReadableStreamDefaultController<Uint8Array>;
    const source: UnderlyingDefaultSource<Uint8Array> = {
      start: (started) => {
        controller = started;
      },
      pull: () => {
        this.#onDrain();
      },
      cancel: () => {
        this.#leave();
      },
    };
    const stream = new ReadableStream(source, new ByteLengthQueuingStrategy({ highWaterMark: BUFFERED_BYTES_MAX }));
    this.#resolve(new Response(stream, this.#head ?? {}));
    return controller;
  }

  #leave(): void {
    if (this.left || this.#ended) return;
    this.left = true;
    this.#ended = true;
    this.#resolve(new Response(null, { status: 499 }));
    for (const listener of this.#onLeft) listener();
  }
}

/**
 * Makes the host cut the connection: clients must not take what they have for the whole answer. By this name Next knows
 * it for no fault of its own and logs nothing.
 */
class AnswerBroken extends Error {
  override readonly name = 'AbortError';
}
