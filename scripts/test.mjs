import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfNeeded, generateIfNeeded, installIfNeeded } from './prepare.mjs';
import { runScript } from './run-script.mjs';

// Everything, in order of how soon it says something; the last line counts it all. A check such as the linter counts as
// one; a runner that ends badly without naming a failed test counts as one failed.
const CHECKS = ['format:check', 'lint', 'types', 'knip'];

process.chdir(path.join(path.dirname(fileURLToPath(import.meta.url)), '..'));
const reports = fs.mkdtempSync(path.join(os.tmpdir(), 'saverouter-reports-'));
const total = { passed: 0, failed: 0, skipped: 0 };

await installIfNeeded();
await generateIfNeeded();
for (const check of CHECKS) count(await runCheck(check));
for (const suite of ['test:unit', 'test:service']) count(await runVitest(suite));
count(await runPlaywright('test:e2e'));
// The wire and the money once more through Next's own routes, which hosts that run Next alone have for their door.
count(await runPlaywright('test:next-door', { E2E_DOOR: 'next' }));

fs.rmSync(reports, { recursive: true });
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;

async function runCheck(script) {
  announce(script);
  const { ok } = await runScript(script);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

async function runVitest(script) {
  announce(script);
  const file = path.join(reports, `${script.replace(':', '-')}.json`);
  const { ok } = await runScript(script, {
    scriptArguments: ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
  });
  const report = readReport(file);
  return honest(ok, {
    passed: report?.numPassedTests ?? 0,
    failed: report?.numFailedTests ?? 0,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  });
}

async function runPlaywright(script, environment = {}) {
  announce(script);
  try {
    await buildIfNeeded();
  } catch (error) {
    console.error(error.message);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const file = path.join(reports, `${script.replace(':', '-')}.json`);
  const { ok } = await runScript(script, {
    scriptArguments: ['--reporter=list,json'],
    environment: { ...environment, PLAYWRIGHT_JSON_OUTPUT_FILE: file },
  });
  const stats = readReport(file)?.stats;
  return honest(ok, {
    passed: stats?.expected ?? 0,
    failed: (stats?.unexpected ?? 0) + (stats?.flaky ?? 0),
    skipped: stats?.skipped ?? 0,
  });
}

/** Never green because a report was missing or left something out. */
function honest(ok, counted) {
  return !ok && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
}

function readReport(file) {
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
}

function count({ passed, failed, skipped }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

function announce(what) {
  console.log(`\n— ${what}`);
}
