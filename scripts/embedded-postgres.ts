import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabaseIfMissing, dataDirectoryOf } from '@/lib/platform/database-admin';
import { freePort } from './free-port';
import { launchPostgres, type Launch } from './postgres-binaries';
import { readPrivateJson, writePrivateJson } from './private-file';
import { processAlive } from './process-alive';

const USER = 'saverouter';
const DATABASE = 'saverouter';
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const START_ATTEMPTS_MAX = 3;
const LOG_TAIL_CHARACTERS = 600;

export interface EmbeddedPostgresOptions {
  /** Holds the cluster (`postgres/`), its log, and `postgres.json` with the port and the password. */
  folder: string;
  /** PostgreSQL settings beyond the product's own, such as `fsync: 'off'` for tests. */
  settings?: Record<string, string>;
  /** Called when the server ends without having been told to. */
  onUnexpectedExit?: (reason: string) => void;
}

export interface EmbeddedPostgres {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

interface Memory {
  port: number;
  password: string;
  launcherPid: number;
}

interface Paths {
  cluster: string;
  log: string;
  memory: string;
}

/**
 * Starts a real PostgreSQL from the installed packages, on loopback alone, and answers once a connection to it works.
 * The first start makes the cluster and a password; later ones find both. After a crash, of the server or of whoever
 * launched it, the same call ends what was left running and recovers. Throws when another launcher is using the folder.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const folder = path.resolve(options.folder);
  fs.mkdirSync(folder, { recursive: true });
  const paths = {
    cluster: path.join(folder, 'postgres'),
    log: path.join(folder, 'postgres.log'),
    memory: path.join(folder, 'postgres.json'),
  };
  const remembered = readPrivateJson(paths.memory) as Memory | undefined;
  if (remembered !== undefined) await endOrphan(paths, remembered);
  const password = remembered?.password ?? randomBytes(24).toString('base64url');
  const hasCluster = fs.existsSync(paths.cluster);
  if (hasCluster && remembered === undefined) {
    throw new Error(
      `${paths.memory} is missing, and with it the password of ${paths.cluster}. Put it back, or move both away.`,
    );
  }
  if (!hasCluster) {
    writePrivateJson(paths.memory, { port: await freePort(), password, launcherPid: process.pid });
    await initialiseCluster(paths.cluster, password);
  }
  return serve(paths, { ...options, password, port: remembered?.port });
}

async function serve(
  paths: Paths,
  options: EmbeddedPostgresOptions & { password: string; port: number | undefined },
): Promise<EmbeddedPostgres> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(options.port);
    writePrivateJson(paths.memory, { port, password: options.password, launcherPid: process.pid });
    const server = spawnServer(paths, port, options.settings ?? {});
    if (await becomesReady(server, paths, addressOf(port, options.password, 'postgres'))) {
      const url = addressOf(port, options.password, DATABASE);
      await createDatabaseIfMissing(url);
      return supervise(server, url, options.onUnexpectedExit);
    }
    // Somebody may have taken the port between looking and listening; anything else fails the same way again.
    if (attempt === START_ATTEMPTS_MAX) {
      throw new Error(`PostgreSQL did not start. The end of ${paths.log}:\n${logTail(paths.log)}`);
    }
  }
}

function spawnServer(paths: Paths, port: number, settings: Record<string, string>): ChildProcess {
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    max_connections: '200',
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = fs.openSync(paths.log, 'a', 0o600);
  const launch = launchPostgres('postgres', ['-D', paths.cluster, '-p', String(port), ...flags]);
  // Detached, in a session of its own: Ctrl-C in the terminal reaches the launcher, which stops the database last.
  const server = spawnProgram(launch, ['ignore', log, log], true);
  fs.closeSync(log);
  return server;
}

/** Readiness is a connection that works: after a crash the old postmaster.pid still says "ready". */
async function becomesReady(server: ChildProcess, paths: Paths, adminUrl: string): Promise<boolean> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (hasEnded(server)) return false;
    if ((await dataDirectoryOf(adminUrl)) === paths.cluster) return true;
    await sleep(25);
  }
  server.kill('SIGKILL');
  return false;
}

function supervise(
  server: ChildProcess,
  url: string,
  onUnexpectedExit: EmbeddedPostgresOptions['onUnexpectedExit'],
): EmbeddedPostgres {
  const pid = server.pid ?? 0;
  const watchdog = spawnWatchdog(pid);
  let stopping = false;
  const ended = new Promise<void>((resolve) => {
    const onExit = () => {
      watchdog.kill('SIGKILL');
      if (!stopping) onUnexpectedExit?.(`PostgreSQL ended by itself (${String(server.exitCode ?? server.signalCode)})`);
      resolve();
    };
    if (hasEnded(server)) onExit();
    else server.once('exit', onExit);
  });
  const stop = async () => {
    stopping = true;
    // SIGINT is PostgreSQL's fast stop: it ends sessions, writes a checkpoint and leaves nothing to recover.
    server.kill('SIGINT');
    await Promise.race([ended, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
  };
  return { url, pid, stop };
}

/**
 * Stops the database when its launcher is gone without having stopped it (kill -9): the pipe that the launcher holds
 * closes then, and `cat` comes to its end.
 */
function spawnWatchdog(pid: number): ChildProcess {
  const script = 'cat > /dev/null; kill -INT "$1"';
  const watchdog = spawn('/bin/sh', ['-c', script, 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.unref();
  (watchdog.stdin as (typeof watchdog.stdin & { unref?: () => void }) | null)?.unref?.();
  return watchdog;
}

/** Clears what an earlier launcher left: its server, when the launcher is dead, or the mere file saying there is one. */
async function endOrphan(paths: Paths, remembered: Memory): Promise<void> {
  const pidFile = path.join(paths.cluster, 'postmaster.pid');
  if (!fs.existsSync(pidFile)) return;
  const pid = Number(fs.readFileSync(pidFile, 'utf8').split('\n')[0]);
  const running = processAlive(pid) && isPostgres(pid);
  if (!running) {
    // The number may belong to some other program by now, which PostgreSQL would take for itself running.
    fs.rmSync(pidFile, { force: true });
    return;
  }
  if (processAlive(remembered.launcherPid) && remembered.launcherPid !== process.pid) {
    throw new Error(
      `The database in ${paths.cluster} is in use by process ${String(remembered.launcherPid)}. Stop that one first.`,
    );
  }
  process.kill(pid, 'SIGINT');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (processAlive(pid) && Date.now() < deadline) await sleep(25);
}

function isPostgres(pid: number): boolean {
  try {
    return fs.readFileSync(`/proc/${String(pid)}/comm`, 'utf8').trim() === 'postgres';
  } catch {
    // No /proc on this system: believe the file, and let PostgreSQL object if it is wrong.
    return true;
  }
}

/** Made beside its final place and moved there when complete, so that an interrupted first start begins anew. */
async function initialiseCluster(cluster: string, password: string): Promise<void> {
  const draft = `${cluster}.new`;
  const passwordFile = `${cluster}.password`;
  fs.rmSync(draft, { recursive: true, force: true });
  fs.mkdirSync(draft, { recursive: true, mode: 0o700 });
  fs.writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  try {
    const launch = launchPostgres('initdb', [
      ...['-D', draft, '-U', USER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
      ...['-E', 'UTF8', '--locale=C'],
    ]);
    if (launch.uid !== undefined && launch.gid !== undefined) {
      for (const file of [draft, passwordFile]) fs.chownSync(file, launch.uid, launch.gid);
    }
    await runToEnd(spawnProgram(launch, ['ignore', 'pipe', 'pipe'], false));
    fs.renameSync(draft, cluster);
  } finally {
    fs.rmSync(passwordFile, { force: true });
  }
}

function spawnProgram(launch: Launch, stdio: ('ignore' | 'pipe' | number)[], detached: boolean): ChildProcess {
  return spawn(launch.command, launch.arguments, {
    stdio,
    detached,
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' } as unknown as NodeJS.ProcessEnv,
    ...(launch.uid === undefined ? {} : { uid: launch.uid }),
    ...(launch.gid === undefined ? {} : { gid: launch.gid }),
  });
}

async function runToEnd(program: ChildProcess): Promise<void> {
  let output = '';
  program.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  program.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    program.once('error', reject);
    program.once('close', resolve);
  });
  if (code !== 0) throw new Error(`initdb failed:\n${output.slice(-LOG_TAIL_CHARACTERS)}`);
}

function addressOf(port: number, password: string, database: string): string {
  return `postgresql://${USER}:${password}@127.0.0.1:${String(port)}/${database}`;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

function logTail(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').slice(-LOG_TAIL_CHARACTERS) : '(no log)';
}
