import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { median } from './statistics';

const DISK_WRITES = 21;
const DISK_WRITE_BYTES = 8192;

export interface Machine {
  cores: number;
  processor: string;
  system: string;
  node: string;
  /** How many programs wanted a core over the last minute, before the bench began. */
  load: number;
  /** How long the disk of the temporary folder, where the database stands, takes to keep a page for good. */
  diskSyncMs: number;
}

export function describeMachine(): Machine {
  return {
    cores: os.availableParallelism(),
    processor: os.cpus()[0]?.model.trim() ?? 'unknown processor',
    system: `${os.type()} ${os.release()}`,
    node: process.version,
    load: os.loadavg()[0] ?? 0,
    diskSyncMs: measureDiskSyncMs(),
  };
}

export function renderMachine({ cores, processor, system, node, load, diskSyncMs }: Machine): string {
  return [
    `${String(cores)} cores`,
    processor,
    system,
    `Node ${node}`,
    `disk sync ${diskSyncMs.toFixed(2)} ms`,
    `load before ${load.toFixed(1)}`,
  ].join(' · ');
}

function measureDiskSyncMs(): number {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'saverouter-bench-'));
  const file = fs.openSync(path.join(folder, 'page'), 'w');
  const timesMs = Array.from({ length: DISK_WRITES }, () => {
    const startedAtMs = performance.now();
    fs.writeSync(file, Buffer.alloc(DISK_WRITE_BYTES), 0, DISK_WRITE_BYTES, 0);
    fs.fdatasyncSync(file);
    return performance.now() - startedAtMs;
  });
  fs.closeSync(file);
  fs.rmSync(folder, { recursive: true });
  return median(timesMs);
}
