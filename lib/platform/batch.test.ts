import { describe, expect, it } from 'vitest';
import { Batch } from './batch';

const RULES = { inFlightMax: 1, itemsMax: 3, aloneAfter: () => true };

/** A writer that answers when it is told to, and remembers what it was given. */
function heldWriter() {
  const batches: number[][] = [];
  const answers: (() => void)[] = [];
  const write = (items: number[]): Promise<number[]> => {
    batches.push(items);
    return new Promise((resolve) => answers.push(() => resolve(items.map((item) => item * 10))));
  };
  return { batches, answers, write };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('Batch', () => {
  it('writes what arrives while a batch is on its way together in the next, in order and within its size', async () => {
    const { batches, answers, write } = heldWriter();
    const batch = new Batch(write, RULES);
    const first = batch.add(1);
    await turn();
    const later = [2, 3, 4, 5].map((item) => batch.add(item));
    await turn();
    expect(batches).toEqual([[1]]);
    answers[0]?.();
    expect(await first).toBe(10);
    await turn();
    expect(batches).toEqual([[1], [2, 3, 4]]);
    answers[1]?.();
    await turn();
    expect(batches).toEqual([[1], [2, 3, 4], [5]]);
    answers[2]?.();
    expect(await Promise.all(later)).toEqual([20, 30, 40, 50]);
  });

  it('gathers the items of one moment', async () => {
    const { batches, answers, write } = heldWriter();
    const batch = new Batch(write, RULES);
    const both = [batch.add(1), batch.add(2)];
    await turn();
    expect(batches).toEqual([[1, 2]]);
    answers[0]?.();
    expect(await Promise.all(both)).toEqual([10, 20]);
  });

  it('has no more batches on their way than it may', async () => {
    const { batches, write } = heldWriter();
    const batch = new Batch(write, { ...RULES, inFlightMax: 2, itemsMax: 1 });
    for (const item of [1, 2, 3]) void batch.add(item);
    await turn();
    expect(batches).toEqual([[1], [2]]);
  });

  it('lets one bad item fail alone', async () => {
    const batch = new Batch((items: number[]) => {
      if (items.includes(2)) return Promise.reject(new Error('bad'));
      return Promise.resolve(items);
    }, RULES);
    const results = await Promise.allSettled([1, 2, 3].map((item) => batch.add(item)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('fails all where it is unknown whether anything was written, and serves the next', async () => {
    let away = true;
    const batch = new Batch((items: number[]) => (away ? Promise.reject(new Error('away')) : Promise.resolve(items)), {
      ...RULES,
      aloneAfter: () => false,
    });
    const results = await Promise.allSettled([batch.add(1), batch.add(2)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    away = false;
    expect(await batch.add(3)).toBe(3);
  });

  it('fails a batch that was answered with another number of results, so that nobody gets a neighbour’s', async () => {
    const batch = new Batch((items: number[]) => Promise.resolve(items.slice(1)), {
      ...RULES,
      aloneAfter: () => false,
    });
    const results = await Promise.allSettled([batch.add(1), batch.add(2)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
