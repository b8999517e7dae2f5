import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { once } from 'node:events';

const START_TIMEOUT_MS = 10_000;

/** A real Redis for a test, on loopback, with nothing kept on disk. */
export type RedisServer = {
  readonly url: string;
  /** Stops answering without closing a connection, as a machine does that hangs. */
  pause(): void;
  resume(): void;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. */
  restart(): Promise<void>;
};

/** Every server of this process that runs, for the end of a test file that failed before it ended its own. */
const running = new Set<ChildProcess>();

/** Where redis-server lies on PATH, or null: then the tests that need it are skipped, and say so. */
export function findRedisServer(): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'redis-server');
    if (isExecutable(path)) return path;
  }
  process.stderr.write('Tests against a real Redis are skipped: there is no redis-server on PATH.\n');
  return null;
}

export async function startRedisServer(binary: string): Promise<RedisServer> {
  const port = await findFreePort();
  let child = await launch(binary, port);
  return {
    url: `redis://127.0.0.1:${port}`,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill: () => end(child),
    restart: async () => {
      child = await launch(binary, port);
    },
  };
}

/** Ends every server that this process started. Call it in `afterAll`: a worker of the test runner may end without notice. */
export async function endRedisServers(): Promise<void> {
  await Promise.all([...running].map(end));
}

async function launch(binary: string, port: number): Promise<ChildProcess> {
  const settings = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    tmpdir(),
  ];
  const child = spawn(binary, settings, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error('redis-server did not start in time'));
    }, START_TIMEOUT_MS);
    child.once('error', reject);
    child.once('exit', () => {
      reject(new Error('redis-server ended while it started'));
    });
    child.stdout.on('data', (chunk: Buffer) => {
      if (!chunk.includes('Ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    });
  });
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a listening server has a port');
  server.close();
  await once(server, 'close');
  return address.port;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
