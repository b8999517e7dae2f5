import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateIfNeeded } from './prepare.mjs';
import { runScript } from './run-script.mjs';

// Everything that needs nothing running, two at a time, the longest first. What passes is silent.
const SCRIPTS = ['lint', 'types', 'test:unit', 'format:check', 'knip'];
const AT_ONCE = 2;

process.chdir(path.join(path.dirname(fileURLToPath(import.meta.url)), '..'));
await generateIfNeeded();
const waiting = [...SCRIPTS];
await Promise.all(Array.from({ length: AT_ONCE }, runWaiting));

async function runWaiting() {
  for (let script = waiting.shift(); script !== undefined; script = waiting.shift()) {
    const startedMs = performance.now();
    const { ok, output } = await runScript(script, { quiet: true });
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    console.log(`${ok ? '✓' : '✗'} ${script} ${seconds} s`);
    if (!ok) {
      console.log(output);
      process.exitCode = 1;
    }
  }
}
