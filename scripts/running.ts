import fs from 'node:fs';
import path from 'node:path';
import { readPrivateJson, writePrivateJson } from './private-file';
import { processAlive } from './process-alive';

/** What `npm start` writes down while it runs, so that the command line finds it. */
export interface Running {
  /** Where the site and the gateway answer. */
  url: string;
  databaseUrl: string;
  pids: { launcher: number; server: number; worker: number };
  /** The configuration that the processes run with. Only on one's own machine: production keeps its secrets elsewhere. */
  environment: Record<string, string>;
}

/** The git-ignored folder for everything that belongs to this machine alone. */
export const DATA_FOLDER = path.resolve('.data');
const FILE = path.join(DATA_FOLDER, 'running.json');

/** What runs in this checkout now; undefined when nothing does, also after a crash that left the file behind. */
export function readRunning(): Running | undefined {
  const running = readPrivateJson(FILE) as Running | undefined;
  return running !== undefined && processAlive(running.pids.launcher) ? running : undefined;
}

export function writeRunning(running: Running): void {
  writePrivateJson(FILE, running);
}

export function forgetRunning(): void {
  fs.rmSync(FILE, { force: true });
}
