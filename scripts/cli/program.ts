import { Command } from 'commander';
import { addAccountCommands } from './account-commands';
import { addKeyCommands } from './key-commands';
import { addLedgerCommands } from './ledger-commands';
import { addModelCommands } from './model-commands';
import type { RunState } from './run-state';
import { addUsageCommands } from './usage-commands';

/** The whole command line. It ends by exceptions, never the process. */
export function buildProgram(run: RunState): Command {
  const program = new JsonCommand('npm run cli --')
    .description("The operator's side of SaveRouter: accounts, keys, usage, prices and the ledger.")
    .exitOverride()
    .configureOutput({ writeErr: (text) => (run.complaint += text) })
    .showSuggestionAfterError()
    .helpCommand(false);
  addAccountCommands(program.command('account').description('customers and their balances'));
  addKeyCommands(program.command('key').description('API keys'));
  addUsageCommands(program.command('usage').description('requests and what they cost'));
  addModelCommands(program.command('model').description('models'), program.command('price').description('prices'));
  addLedgerCommands(program.command('ledger').description('the books'), run);
  return program;
}

/** Every command takes --json, wherever it stands. */
class JsonCommand extends Command {
  constructor(name?: string) {
    super(name);
    this.option('--json', 'answer in JSON, and nothing else on standard output');
  }

  override createCommand(name?: string): Command {
    return new JsonCommand(name).helpCommand(false);
  }
}
