import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { applyMigrations } from '@/lib/platform/migrate';
import { seed } from '@/prisma/seed';
import { startChild, type Child } from '@/scripts/child';
import { startEmbeddedPostgres } from '@/scripts/embedded-postgres';
import { freePort } from '@/scripts/free-port';
import { startStandIn } from '@/scripts/stand-in';
import { waitForHealth } from '@/scripts/wait-for-health';
import { runCli, type CliResult } from './run-cli';

export interface StackOptions {
  /** Variables beyond, or instead of, the stack's own. */
  environment?: Record<string, string>;
  /** Without the worker nothing is reaped or replayed in the background. Default true. */
  worker?: boolean;
  /** PostgreSQL settings, such as `fsync: 'on'` for a measurement. */
  postgresSettings?: Record<string, string>;
}

export interface Stack {
  /** Where the gateway answers. It stays the same when the web server is started again. */
  url: string;
  databaseUrl: string;
  fakeUrl: string;
  /** The configuration that all of it runs with. */
  environment: Record<string, string>;
  cli(cliArguments: string[]): Promise<CliResult>;
  /** The web server's process id, for measurements. */
  webPid(): number;
  /** kill -9 of the web server. */
  killWeb(): Promise<void>;
  /** SIGTERM to the web server; resolves when it is gone. */
  stopWeb(): Promise<void>;
  startWeb(): Promise<void>;
  /** Takes the database away, and brings it back under the same address. */
  stopPostgres(): Promise<void>;
  startPostgres(): Promise<void>;
  /** What the web server and the worker printed so far. */
  output(): string;
  stop(): Promise<void>;
}

const OUTPUT_CHARACTERS_MAX = 4_000_000;

/** The whole product on free ports and in a temporary folder: PostgreSQL, fake upstream, built web server, worker. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'saverouter-stack-'));
  fs.chmodSync(folder, 0o755);
  const settings = options.postgresSettings ?? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  let postgres = await startEmbeddedPostgres({ folder, settings });
  await applyMigrations(postgres.url);
  await seed(postgres.url);
  const standIn = await startStandIn();
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const environment = {
    ...{ APP_ENV: 'test', NODE_ENV: 'production', PORT: String(port), PUBLIC_URL: url, DATABASE_URL: postgres.url },
    ...{ ANTHROPIC_BASE_URL: standIn.url, ANTHROPIC_API_KEY: standIn.apiKey },
    ...{ KEY_PEPPER: randomBytes(32).toString('hex'), FAILED_AUTHENTICATIONS_PER_MINUTE: '100000' },
    JOURNAL_FOLDER: path.join(folder, 'journal'),
    // The same specs go through either door.
    GATEWAY_DOOR: process.env['E2E_DOOR'] ?? 'node',
    ...options.environment,
  };
  let output = '';
  const onOutput = (text: string) => {
    output = (output + text).slice(-OUTPUT_CHARACTERS_MAX);
  };
  const startServer = async () => {
    const server = startChild({ name: 'the web server', script: 'scripts/server.ts', environment, onOutput });
    await waitForHealth(url, server).catch((error: unknown) => {
      throw new Error(`The web server did not start:\n${output.slice(-4000)}`, { cause: error });
    });
    return server;
  };
  let web: Child = await startServer();
  const worker =
    options.worker === false
      ? undefined
      : startChild({ name: 'the worker', script: 'scripts/worker.ts', environment, onOutput });
  return {
    url,
    databaseUrl: postgres.url,
    fakeUrl: standIn.url,
    environment,
    cli: (cliArguments) => runCli(cliArguments, environment),
    webPid: () => web.pid,
    killWeb: () => web.kill(),
    stopWeb: () => web.stop(),
    startWeb: async () => {
      web = await startServer();
    },
    stopPostgres: () => postgres.stop(),
    startPostgres: async () => {
      postgres = await startEmbeddedPostgres({ folder, settings });
    },
    output: () => output,
    stop: async () => {
      await Promise.all([web.stop(), worker?.stop()]);
      await standIn.stop();
      await postgres.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
