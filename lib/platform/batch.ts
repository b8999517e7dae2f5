export type BatchRules = {
  /** How many batches may be on their way at once. */
  inFlightMax: number;
  /** How many items one batch may hold. */
  itemsMax: number;
  /** Whether a failed batch wrote nothing, so that each of its items may be tried alone. */
  aloneAfter: (error: unknown) => boolean;
};

type Waiting<Item, Result> = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void };

/**
 * Writes what arrives while a batch is on its way together in the next one: no timers, so that a lone item waits for
 * nothing and a crowd shares one statement and one commit. Items are written in the order in which they came.
 */
export class Batch<Item, Result> {
  readonly #write: (items: Item[]) => Promise<Result[]>;
  readonly #rules: BatchRules;
  #waiting: Waiting<Item, Result>[] = [];
  #inFlight = 0;
  #scheduled = false;

  /** `write` answers with one result for each item, in their order. */
  constructor(write: (items: Item[]) => Promise<Result[]>, rules: BatchRules) {
    this.#write = write;
    this.#rules = rules;
  }

  /** Adds an item; resolves with its result once its batch is written. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  /** After the events of this turn, which may bring more items of the same moment. */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight >= this.#rules.inFlightMax) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    const batch = this.#waiting.splice(0, this.#rules.itemsMax);
    this.#inFlight += 1;
    void this.#deliver(batch).finally(() => {
      this.#inFlight -= 1;
      if (this.#waiting.length > 0) this.#schedule();
    });
    if (this.#waiting.length > 0) this.#schedule();
  }

  async #deliver(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#write(batch.map(({ item }) => item));
      if (results.length !== batch.length) throw new Error('a batch was answered with another number of results');
      batch.forEach(({ resolve }, index) => {
        resolve(results[index] as Result);
      });
    } catch (error) {
      if (batch.length > 1 && this.#rules.aloneAfter(error)) {
        await Promise.all(batch.map((one) => this.#deliver([one])));
      } else {
        for (const { reject } of batch) reject(error);
      }
    }
  }
}
