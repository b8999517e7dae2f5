import { spawn } from 'node:child_process';

/**
 * Runs a Node program in the project and keeps its output to itself, unless it fails.
 *
 * @param {string} what how an error names it
 * @param {string[]} nodeArguments
 * @param {Record<string, string | undefined>} [environment]
 */
export function runQuietly(what, nodeArguments, environment = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, nodeArguments, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-20_000);
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(undefined);
      else reject(new Error(`${what} failed:\n\n${output}`));
    });
  });
}
