import fs from 'node:fs/promises';
import path from 'node:path';
import { Batch } from './batch';
import { env } from './env';
import { instanceId } from './instance';
import type { SettlementRecord } from './ledger-store';
import { once } from './once';

const OPEN_SUFFIX = '.jsonl';
const TAKEN_SUFFIX = '.taken';
const LINES_AT_ONCE = 1_000;

/**
 * Settlements that the database could not take, on this machine's disk until it can: a file per process, a line each,
 * synced before the promise resolves. A file is taken, by renaming it, before it is read, so that nothing is added to what
 * is being booked; it is removed after all of it was booked. What is replayed twice is booked once.
 */
export class Journal {
  readonly #folder: string;
  readonly #instance: string;
  readonly #appends = new Batch((lines: string[]) => this.#write(lines), {
    inFlightMax: 1,
    itemsMax: LINES_AT_ONCE,
    aloneAfter: () => false,
  });
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(folder: string, instance: string) {
    this.#folder = folder;
    this.#instance = instance;
  }

  /** Keeps a settlement; resolves when it is on disk. */
  async append(record: SettlementRecord): Promise<void> {
    await this.#appends.add(JSON.stringify(record) + '\n');
  }

  /** The processes that left settlements here, this one included. */
  async instances(): Promise<string[]> {
    const names = await this.#names();
    return [...new Set(names.map((name) => name.slice(0, name.indexOf('.'))))];
  }

  /** Takes what a process has kept and names all of its files that are to be booked. */
  async take(instance: string): Promise<string[]> {
    if (instance === this.#instance) await this.#lastWrite;
    const taken = path.join(this.#folder, `${instance}.${String(Date.now())}${TAKEN_SUFFIX}`);
    await fs.rename(path.join(this.#folder, instance + OPEN_SUFFIX), taken).catch(ifMissing);
    const names = await this.#names();
    return names.filter((name) => name.startsWith(`${instance}.`) && name.endsWith(TAKEN_SUFFIX));
  }

  /** What a file holds. A last line that a crash cut was never promised to anyone and is left out. */
  async read(name: string): Promise<SettlementRecord[]> {
    const text = await fs.readFile(path.join(this.#folder, name), 'utf8');
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as SettlementRecord);
  }

  async remove(name: string): Promise<void> {
    await fs.rm(path.join(this.#folder, name), { force: true });
  }

  #write(lines: string[]): Promise<undefined[]> {
    const writing = this.#writeToDisk(lines);
    this.#lastWrite = writing.catch(() => undefined);
    return writing;
  }

  async #writeToDisk(lines: string[]): Promise<undefined[]> {
    await fs.mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = await fs.open(path.join(this.#folder, this.#instance + OPEN_SUFFIX), 'a', 0o600);
    try {
      await file.appendFile(lines.join(''));
      await file.sync();
    } finally {
      await file.close();
    }
    return lines.map(() => undefined);
  }

  async #names(): Promise<string[]> {
    const names = await fs.readdir(this.#folder).catch((error: unknown) => {
      ifMissing(error);
      return [];
    });
    return names.filter((name) => name.endsWith(OPEN_SUFFIX) || name.endsWith(TAKEN_SUFFIX));
  }
}

/** This process's journal; undefined where the deployment has no disk for one. */
export function journal(): Journal | undefined {
  const folder = env().JOURNAL_FOLDER;
  return folder === undefined ? undefined : once('journal', () => new Journal(folder, instanceId()));
}

/** Nothing was ever kept: no fault. */
function ifMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
