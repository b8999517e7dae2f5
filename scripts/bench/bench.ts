import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { buildIfNeeded } from '../prepare.mjs';
import { audit } from './audit';
import { FULL, loadCases, memoryCases, QUICK, type Extent } from './cases';
import { describeMachine, renderMachine, type Machine } from './machine';
import { processFiguresAvailable } from './process-figures';
import { renderRatios, renderTable } from './report';
import { measureInRounds, type CaseResult } from './rounds';
import { startSubjects, type Subjects } from './start-subjects';
import { warmUp } from './warm-up';

const USAGE = `npm run bench [-- --quick] [-- --json FILE]
  --quick       about a minute instead of four, and noisier
  --json FILE   writes every round's figures`;

const options = readOptions();
process.exitCode = options ? await bench(options) : 2;

interface Options {
  extent: Extent;
  jsonFile: string | undefined;
}

function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
    return { extent: values.quick === true ? QUICK : FULL, jsonFile: values.json };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return undefined;
  }
}

/** One whole run. Gives the exit code: 1 when the books don't show what was measured. */
async function bench({ extent, jsonFile }: Options): Promise<number> {
  const machine = describeMachine();
  await buildIfNeeded();
  const subjects = await startSubjects();
  const interrupted = () => void subjects.stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupted);
  try {
    const results = await measure(subjects, extent);
    const verdict = await audit(subjects);
    print(machine, results, subjects);
    console.log(`\nChecked: ${verdict.says}`);
    if (jsonFile !== undefined) fs.writeFileSync(jsonFile, asJson(machine, results, verdict));
    return verdict.ok ? 0 : 1;
  } finally {
    process.off('SIGINT', interrupted);
    await subjects.stop();
  }
}

/** Memory first, while nothing else has used the processes; then the load, on processes that are warm. */
async function measure({ all, releaseHeld }: Subjects, extent: Extent): Promise<CaseResult[]> {
  const memory = await measureInRounds(memoryCases(releaseHeld), all, extent.openStreamsRounds, (round) =>
    say(`open streams, round ${String(round)} of ${String(extent.openStreamsRounds)}`),
  );
  say('warming up');
  for (const subject of all) await warmUp(subject, extent.warmUp);
  const load = await measureInRounds(loadCases(extent.loadMs), all, extent.rounds, (round) =>
    say(`load, round ${String(round)} of ${String(extent.rounds)}`),
  );
  return [...load, ...memory];
}

function print(machine: Machine, results: readonly CaseResult[], { all }: Subjects): void {
  console.log(`\n${renderMachine(machine)}`);
  console.log('SaveRouter with durable billing: PostgreSQL with fsync, one account and one key for all requests.');
  console.log(
    'CPU and memory are of the server process alone. Medians over rounds; ratio: SaveRouter / pass-through.\n',
  );
  if (!processFiguresAvailable) console.log('CPU and memory: not available, this system has no /proc.\n');
  console.log(
    renderTable(
      results,
      all.map(({ name }) => name),
    ),
  );
  console.log(`\n${renderRatios(results)}`);
}

function asJson(machine: Machine, results: readonly CaseResult[], verdict: { ok: boolean; says: string }): string {
  const cases = results.map(({ benchCase: { title, figures }, rounds }) => ({ title, figures, rounds }));
  return `${JSON.stringify({ machine, cases, books: verdict }, null, 2)}\n`;
}

/** Progress goes where it does not mix with the table. */
function say(what: string): void {
  console.error(`  ${what}`);
}
