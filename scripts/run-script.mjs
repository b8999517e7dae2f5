import { spawn } from 'node:child_process';

/**
 * Runs one of package.json's scripts. Its output streams through, or is kept and given back when asked to.
 *
 * @param {string} script
 * @param {{ scriptArguments?: string[], environment?: Record<string, string>, quiet?: boolean }} [options]
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function runScript(script, { scriptArguments = [], environment = {}, quiet = false } = {}) {
  const extra = scriptArguments.length > 0 ? ['--', ...scriptArguments] : [];
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', script, ...extra], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', (error) => resolve({ ok: false, output: error.message }));
    child.once('close', (code) => resolve({ ok: code === 0, output }));
  });
}
