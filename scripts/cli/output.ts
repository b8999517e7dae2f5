import type { Command } from 'commander';

/** JSON of an answer: money and counts as decimal strings, dates in ISO. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));
}

/** Whether the answer is wanted as JSON; the option may stand anywhere on the line. */
export function wantsJson(command: Command): boolean {
  return command.optsWithGlobals<{ json?: boolean }>().json === true;
}

/** Prints an answer: as one line of JSON, or as `render` puts it for people. */
export function answer<T>(command: Command, value: T, render: (value: T) => string): void {
  print(wantsJson(command) ? toJson(value) : render(value));
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Lines up rows under their headings. A cell that is missing shows as a dash. */
export function table(headings: readonly string[], rows: readonly (readonly (string | null)[])[]): string {
  const lines = [headings, ...rows.map((row) => row.map((cell) => (cell === null || cell === '' ? '-' : cell)))];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One fact a line, for a single thing. */
export function facts(entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

export function shortDate(date: Date | null): string | null {
  return date && date.toISOString().slice(0, 19).replace('T', ' ');
}
