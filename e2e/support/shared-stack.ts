import { runCli, type CliResult } from './run-cli';
import type { Stack } from './start-stack';

/** What a spec needs of the stack that the run shares; who must stop or kill something starts a stack of their own. */
export type SharedStack = Pick<Stack, 'url' | 'databaseUrl' | 'fakeUrl' | 'environment' | 'cli'>;

const VARIABLE = 'E2E_STACK';

/** Called by the global setup; the workers that run the specs inherit its environment. */
export function publishStack({ url, databaseUrl, fakeUrl, environment }: Stack): void {
  process.env[VARIABLE] = JSON.stringify({ url, databaseUrl, fakeUrl, environment });
}

/** The stack of this run. */
export function sharedStack(): SharedStack {
  const published = process.env[VARIABLE];
  if (published === undefined) throw new Error('There is no stack: run the specs with `npm run test:e2e`.');
  const stack = JSON.parse(published) as Omit<SharedStack, 'cli'>;
  return { ...stack, cli: (cliArguments): Promise<CliResult> => runCli(cliArguments, stack.environment) };
}
