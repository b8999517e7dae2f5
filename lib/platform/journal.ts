import fs from 'node:fs/promises';
import path from 'node:path';
import { Batch } from './batch';
import { env } from './env';
import { instanceId } from './instance';
import type { SettlementRecord } from './ledger-store';
import { log } from './log';
import { once } from './once';

const OPEN_SUFFIX = '.jsonl';
const TAKEN_SUFFIX = '.taken';
const REFUSED_SUFFIX = '.refused';
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
    return lines.filter((line) => line !== '').flatMap((line) => parseLine(line, name));
  }

  /** Keeps records that the ledger refuses, beside the journal, for the operator; they are not tried again. */
  async setAside(name: string, records: readonly SettlementRecord[]): Promise<void> {
    const lines = records.map((record) => JSON.stringify(record) + '\n').join('');
    await fs.appendFile(path.join(this.#folder, name + REFUSED_SUFFIX), lines, { mode: 0o600, flush: true });
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
      // A write that broke off, for want of space say, may have left a line without its end: it is ended first.
      await file.appendFile('\n' + lines.join(''));
      await file.sync();
    } finally {
      await file.close();
    }
    await this.#syncFolder();
    return lines.map(() => undefined);
  }

  /** A file that is new is only there for certain once its folder is on disk, too. */
  async #syncFolder(): Promise<void> {
    const folder = await fs.open(this.#folder, 'r');
    await folder.sync().finally(() => folder.close());
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

/** One line that can't be read must not keep the others from being booked. */
function parseLine(line: string, name: string): SettlementRecord[] {
  try {
    return [JSON.parse(line) as SettlementRecord];
  } catch {
    log.error({ file: name, bytes: line.length }, 'a line of the journal cannot be read and is left out');
    return [];
  }
}

/** Nothing was ever kept: no fault. */
function ifMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
