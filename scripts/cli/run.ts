import { CommanderError } from 'commander';
import { describeFailure, type Failure } from './describe-failure';
import { toJson } from './output';
import { buildProgram } from './program';
import type { RunState } from './run-state';

const REFUSED = 1;
const NOT_UNDERSTOOD = 2;

/**
 * Runs one command. Answers go to standard output, errors to standard error in one line; with --json both are JSON.
 * @returns the exit code: 0 done, 1 refused or not ok, 2 not understood.
 */
export async function runCommandLine(words: string[]): Promise<number> {
  const json = words.includes('--json');
  const run: RunState = { ok: true, complaint: '' };
  ignoreClosedPipe();
  try {
    await buildProgram(run).parseAsync(words, { from: 'user' });
    return run.ok ? 0 : REFUSED;
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      const failure = describeFailure(error);
      complain(failure, json);
      return failure.kind === 'usage' ? NOT_UNDERSTOOD : REFUSED;
    }
    if (error.exitCode === 0) return 0;
    if (error.code === 'commander.help' && !json) process.stderr.write(run.complaint);
    else complain({ kind: 'usage', message: usageMessage(error, run) }, json);
    return NOT_UNDERSTOOD;
  }
}

function complain(failure: Failure, json: boolean): void {
  process.stderr.write(json ? `${toJson({ error: failure })}\n` : `error: ${failure.message}\n`);
}

function usageMessage(error: CommanderError, run: RunState): string {
  if (error.code === 'commander.help') return 'Name a command; --help lists them.';
  const text = run.complaint
    .trim()
    .split('\n')
    .join(' ')
    .replace(/^error: /, '');
  return `${text}${/[.)?]$/.test(text) ? '' : '.'} See --help.`;
}

/** `… | head` closes our output early; that is no error. */
function ignoreClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
