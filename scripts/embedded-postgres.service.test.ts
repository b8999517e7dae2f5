import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataDirectoryOf, withConnection } from '@/lib/platform/database-admin';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres';
import { processAlive } from './process-alive';

describe('the embedded PostgreSQL', () => {
  let folder: string;
  let started: EmbeddedPostgres[];

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'saverouter-postgres-'));
    fs.chmodSync(folder, 0o755);
    started = [];
  });

  afterEach(async () => {
    for (const postgres of started) await postgres.stop();
    fs.rmSync(folder, { recursive: true });
  });

  it('keeps its data and its address from one start to the next', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept (id INT)');
    await first.stop();
    expect(processAlive(first.pid)).toBe(false);
    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'SELECT * FROM kept')).toEqual([]);
  });

  it('lets nobody in without the password, which only its owner may read', async () => {
    const postgres = await start();
    expect(await dataDirectoryOf(postgres.url)).toBe(path.join(folder, 'postgres'));
    const url = new URL(postgres.url);
    url.password = 'guessed';
    expect(await dataDirectoryOf(url.toString())).toBeUndefined();
    expect(fs.statSync(path.join(folder, 'postgres.json')).mode & 0o077).toBe(0);
  });

  it('has every committed row after kill -9, and says that it ended', async () => {
    const reasons: string[] = [];
    const first = await start((reason) => reasons.push(reason));
    await query(first.url, 'CREATE TABLE kept (id INT); INSERT INTO kept VALUES (1)');
    process.kill(first.pid, 'SIGKILL');
    const second = await start();
    expect(await query(second.url, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
    expect(reasons).toEqual(['PostgreSQL ended by itself (SIGKILL)']);
  });

  it('is not taken away from a launcher that is using it', async () => {
    const other = await startInAnotherProcess();
    await expect(start()).rejects.toThrow(`in use by process ${String(other.pid)}`);
    await killAndWait(other);
  });

  it('does not outlive a launcher that was killed with -9, and starts again with the data', async () => {
    const other = await startInAnotherProcess();
    await query(other.url, 'CREATE TABLE kept (id INT)');
    await killAndWait(other);
    const again = await start();
    expect(await query(again.url, 'SELECT * FROM kept')).toEqual([]);
  });

  it('begins anew when its very first start was interrupted', async () => {
    fs.mkdirSync(path.join(folder, 'postgres.new'));
    fs.writeFileSync(path.join(folder, 'postgres.new', 'PG_VERSION'), '18');
    const postgres = await start();
    expect(await query(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('finds another port when somebody else took its own meanwhile', async () => {
    const first = await start();
    await first.stop();
    const other = spawn(process.execPath, [
      '-e',
      `require('node:net').createServer().listen(${new URL(first.url).port}, '127.0.0.1', () => console.log('listens'))`,
    ]);
    await once(other.stdout, 'data');
    const second = await start();
    expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
    other.kill();
  });

  async function start(onUnexpectedExit?: (reason: string) => void): Promise<EmbeddedPostgres> {
    const postgres = await startEmbeddedPostgres({ folder, ...(onUnexpectedExit ? { onUnexpectedExit } : {}) });
    started.push(postgres);
    return postgres;
  }

  /** As `npm start` would have it, and to be killed as that may be. */
  async function startInAnotherProcess(): Promise<{ url: string; pid: number }> {
    const script = `
      import { startEmbeddedPostgres } from './scripts/embedded-postgres';
      console.log((await startEmbeddedPostgres({ folder: ${JSON.stringify(folder)} })).url);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return { url: line.toString().trim(), pid: child.pid ?? 0 };
  }

  async function killAndWait(other: { url: string; pid: number }): Promise<void> {
    process.kill(other.pid, 'SIGKILL');
    const pidFile = path.join(folder, 'postgres', 'postmaster.pid');
    while (fs.existsSync(pidFile)) await sleep(20);
  }

  function query(url: string, sql: string): Promise<unknown[]> {
    return withConnection(url, async (client) => (await client.query<Record<string, unknown>>(sql)).rows);
  }
});
