import fs from 'node:fs';

/** The memory that a process has in RAM now. */
export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`there is no process ${String(pid)}`);
  return Number(kilobytes) * 1024;
}
