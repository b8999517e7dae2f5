import { setTimeout as sleep } from 'node:timers/promises';
import { envSchema, parseEnv } from '@/lib/platform/env';
import { applyMigrations } from '@/lib/platform/migrate';
import { seed } from '@/prisma/seed';
import { startChild, type Child } from './child';
import { demoKey } from './demo-key';
import { startEmbeddedPostgres } from './embedded-postgres';
import { madeUpEnvironment } from './made-up-environment';
import { progress } from './progress.mjs';
import { DATA_FOLDER, forgetRunning, writeRunning } from './running';
import { startStandIn } from './stand-in';
import { waitForHealth } from './wait-for-health';
import { localUrl, welcome } from './welcome';

interface Part {
  stop(): Promise<void>;
}

/** What was started, in order; a start that is still under way is waited for before it is stopped. */
const parts: Promise<Part>[] = [];
let leaving = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!leaving) console.log('\nStopping …');
    void leave(0);
  });
}
leaveWithNpm();

try {
  await start();
} catch (error) {
  await leave(1, error instanceof Error ? error.message : String(error));
}

async function start(): Promise<void> {
  const { variables, needsPostgres, needsStandIn } = await madeUpEnvironment(process.env);
  Object.assign(process.env, variables);
  checkEarly(needsPostgres, needsStandIn);
  if (needsPostgres) {
    const options = { folder: DATA_FOLDER, onUnexpectedExit: (reason: string) => void leave(1, reason) };
    const postgres = await begin('Starting PostgreSQL', () => startEmbeddedPostgres(options));
    process.env['DATABASE_URL'] = postgres.url;
  }
  if (needsStandIn) {
    const standIn = await begin('Starting the stand-in upstream', startStandIn);
    supervise(standIn);
    process.env['ANTHROPIC_BASE_URL'] = standIn.url;
    process.env['ANTHROPIC_API_KEY'] = standIn.apiKey;
  }
  const env = parseEnv(process.env);
  await progress('Preparing the database', async () => {
    await applyMigrations(env.DATABASE_URL);
    await seed(env.DATABASE_URL);
  });
  const server = run('the web server', 'scripts/server.ts');
  const url = localUrl(env.HOST, env.PORT);
  await progress('Starting the web server', () => waitForHealth(url, server));
  const worker = run('the worker', 'scripts/worker.ts');
  writeRunning({
    url,
    databaseUrl: env.DATABASE_URL,
    pids: { launcher: process.pid, server: server.pid, worker: worker.pid },
    environment: env.APP_ENV === 'local' ? ownVariables() : {},
  });
  const demo = env.APP_ENV === 'local' ? await progress('Preparing the demo account', demoKey) : undefined;
  if (!leaving) console.log(welcome(env, needsStandIn, demo));
}

/** Everything that is wrong with the configuration, before anything is started. */
function checkEarly(needsPostgres: boolean, needsStandIn: boolean): void {
  parseEnv({
    ...process.env,
    ...(needsPostgres ? { DATABASE_URL: 'postgresql://comes.later/saverouter' } : {}),
    ...(needsStandIn ? { ANTHROPIC_API_KEY: 'comes-later' } : {}),
  });
}

async function begin<T extends Part>(what: string, startPart: () => Promise<T>): Promise<T> {
  const started = progress(what, startPart);
  parts.push(started);
  return started;
}

function run(name: string, script: string): Child {
  const child = startChild({ name, script });
  parts.push(Promise.resolve(child));
  supervise(child);
  return child;
}

/** One part without the others is of no use: when one ends by itself, all end. */
function supervise(child: Child): void {
  void child.ended.then((how) => leave(1, `${child.name} ended by itself (${how}); everything else is stopped.`));
}

/** Stops everything in the reverse order of its start, the database last. Only the first call counts. */
async function leave(code: number, message?: string): Promise<void> {
  if (leaving) return;
  leaving = true;
  if (message !== undefined) console.error(`\n${message}`);
  for (const part of parts.reverse()) {
    const started = await part.catch(() => undefined);
    await started?.stop().catch((error: unknown) => {
      console.error(error);
    });
  }
  forgetRunning();
  process.exit(code);
}

/** npm killed with -9 can't tell us: then we have another parent than we were started by. */
function leaveWithNpm(): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  void (async () => {
    while (process.ppid === parent) await sleep(1000, undefined, { ref: false });
    await leave(1, 'npm is gone; everything is stopped.');
  })();
}

function ownVariables(): Record<string, string> {
  const names = Object.keys(envSchema.shape);
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
