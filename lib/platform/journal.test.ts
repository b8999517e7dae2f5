import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from './journal';

const record = (id: number): { request_id: string } => ({ request_id: `req_${String(id)}` });

describe('the journal', () => {
  let folder: string;

  beforeEach(async () => {
    folder = path.join(await fs.mkdtemp(path.join(os.tmpdir(), 'journal-')), 'kept');
  });

  afterEach(async () => {
    await fs.rm(path.dirname(folder), { recursive: true });
  });

  const takeAll = async (journal: Journal, instance: string): Promise<unknown[]> => {
    const names = await journal.take(instance);
    return (await Promise.all(names.map((name) => journal.read(name)))).flat();
  };

  it('is on disk once it says so, in a file that only its owner reads', async () => {
    const journal = new Journal(folder, 'ins_a');
    await Promise.all([1, 2, 3].map((id) => journal.append(record(id))));
    const file = path.join(folder, 'ins_a.jsonl');
    expect((await fs.readFile(file, 'utf8')).trim().split('\n')).toHaveLength(3);
    expect((await fs.stat(file)).mode & 0o077).toBe(0);
  });

  it('gives everything that was kept, in order, until it is removed', async () => {
    const journal = new Journal(folder, 'ins_a');
    for (const id of [1, 2]) await journal.append(record(id));
    expect(await takeAll(journal, 'ins_a')).toEqual([record(1), record(2)]);
    await journal.append(record(3));
    expect(await takeAll(journal, 'ins_a')).toEqual(expect.arrayContaining([record(1), record(2), record(3)]));
    for (const name of await journal.take('ins_a')) await journal.remove(name);
    expect(await takeAll(journal, 'ins_a')).toEqual([]);
    expect(await journal.instances()).toEqual([]);
  });

  it('never loses what is kept while another part of it is being booked', async () => {
    const journal = new Journal(folder, 'ins_a');
    const seen: unknown[] = [];
    const appends = Array.from({ length: 200 }, (_, id) => journal.append(record(id)));
    while (seen.length < appends.length) {
      for (const name of await journal.take('ins_a')) {
        seen.push(...(await journal.read(name)));
        await journal.remove(name);
      }
    }
    await Promise.all(appends);
    expect(new Set(seen.map((line) => JSON.stringify(line))).size).toBe(appends.length);
  });

  it('leaves out a last line that a crash cut, which was never promised to anyone', async () => {
    const journal = new Journal(folder, 'ins_a');
    await journal.append(record(1));
    await fs.appendFile(path.join(folder, 'ins_a.jsonl'), '{"request_id":"req_');
    expect(await takeAll(journal, 'ins_a')).toEqual([record(1)]);
  });

  it('keeps its promises beside a line that a full disk cut short', async () => {
    const journal = new Journal(folder, 'ins_a');
    await journal.append(record(1));
    await fs.appendFile(path.join(folder, 'ins_a.jsonl'), '{"request_id":"req_');
    await journal.append(record(2));
    expect(await takeAll(journal, 'ins_a')).toEqual([record(1), record(2)]);
  });

  it('keeps what the ledger refuses beside itself, and never offers it again', async () => {
    const journal = new Journal(folder, 'ins_a');
    await journal.append(record(1));
    const [name = ''] = await journal.take('ins_a');
    await journal.setAside(name, [record(1)]);
    await journal.remove(name);
    expect(await journal.take('ins_a')).toEqual([]);
    expect(await fs.readFile(path.join(folder, `${name}.refused`), 'utf8')).toBe('{"request_id":"req_1"}\n');
  });

  it("names the processes that left something, and takes no other's", async () => {
    const [a, b] = [new Journal(folder, 'ins_a'), new Journal(folder, 'ins_b')];
    await a.append(record(1));
    await b.append(record(2));
    expect((await a.instances()).sort()).toEqual(['ins_a', 'ins_b']);
    expect(await takeAll(a, 'ins_b')).toEqual([record(2)]);
    expect(await takeAll(a, 'ins_a')).toEqual([record(1)]);
  });

  it('is empty, and no fault, where nothing was ever kept', async () => {
    const journal = new Journal(folder, 'ins_a');
    expect(await journal.instances()).toEqual([]);
    expect(await journal.take('ins_a')).toEqual([]);
  });
});
