import fs from 'node:fs';
import path from 'node:path';

/** Writes JSON that only its owner may read, whole or not at all: a reader never sees half a file. */
export function writePrivateJson(file: string, content: unknown): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${String(process.pid)}`;
  fs.writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(draft, file);
}

/** The parsed file, or undefined where there is none. A file that is there and does not parse is an error that names it. */
export function readPrivateJson(file: string): unknown {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error(`${file} is damaged: it is not JSON. Move it away and start again.`);
  }
}
