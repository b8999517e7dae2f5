import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const STOP_TIMEOUT_MS = 40_000;

export interface ChildOptions {
  /** What it is called when it ends by itself. */
  name: string;
  script: string;
  scriptArguments?: string[];
  environment?: Record<string, string | undefined>;
  /** Takes its output instead of this process's own standard output. */
  onOutput?: (text: string) => void;
}

/** A TypeScript program of the project that runs beside this one. */
export interface Child {
  name: string;
  pid: number;
  /** Resolves when it is gone, with how. */
  ended: Promise<string>;
  /** Asks it to come to its end and waits for that; kills it when it does not. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
}

/**
 * Starts a program in a session of its own: Ctrl-C in the terminal then reaches the launcher alone, which stops its
 * children in order. The channel tells the child when the launcher is gone, so that it never stays behind.
 */
export function startChild(options: ChildOptions): Child {
  const preloaded = ['--import', './scripts/leave-with-launcher.mjs', '--import', 'tsx'];
  const child = spawn(process.execPath, [...preloaded, options.script, ...(options.scriptArguments ?? [])], {
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', options.onOutput ? 'pipe' : 'inherit', options.onOutput ? 'pipe' : 'inherit', 'ipc'],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => options.onOutput?.(text));
  }
  const ended = endOf(child);
  return {
    name: options.name,
    pid: child.pid ?? 0,
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      const inTime = await Promise.race([ended, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
      if (inTime === undefined) child.kill('SIGKILL');
      await ended;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `exit code ${String(code)}` : signal);
    });
  });
}
