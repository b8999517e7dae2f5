import fs from 'node:fs';

/** Linux counts processor time for its readers in hundredths of a second, whatever its own clock does. */
const TICK_MS = 10;
const UTIME = 11;
const STIME = 12;

/** Whether this system tells what a process uses. */
export const processFiguresAvailable = fs.existsSync('/proc/self/stat');

/** Processor time that a process has used, in its own code and in the kernel, all threads; undefined where not told. */
export function cpuMsOf(pid: number | undefined): number | undefined {
  const stat = read(pid, 'stat');
  // The second field is the program's name in brackets, which may hold anything; the rest is numbers.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields && (Number(fields[UTIME]) + Number(fields[STIME])) * TICK_MS;
}

/** Memory that a process has resident, in kB; undefined where not told. */
export function residentKbOf(pid: number | undefined): number | undefined {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(read(pid, 'status') ?? '');
  return match ? Number(match[1]) : undefined;
}

function read(pid: number | undefined, file: string): string | undefined {
  if (pid === undefined || !processFiguresAvailable) return undefined;
  return fs.readFileSync(`/proc/${String(pid)}/${file}`, 'utf8');
}
