import { randomBytes } from 'node:crypto';
import { loadEnvironment } from '../load-environment';
import { CommandError } from './command-error';

/** What the running servers need and no command reads: an operator at a terminal need not know it. */
const UPSTREAM_KEY_UNUSED = 'unused-by-the-command-line';
const PUBLIC_URL_UNUSED = 'https://unused-by-the-command-line.example.com';

/**
 * Finds the configuration: what is set here, else that of the `npm start` which runs here. To be called before anything
 * reads it. Only commands that hash keys need the deployment's pepper; the others do with any.
 * @throws CommandError when no database is named and none runs here.
 */
export function prepareEnvironment({ hashesKeys }: { hashesKeys: boolean }): void {
  loadEnvironment();
  if (!isSet('DATABASE_URL')) {
    throw new CommandError(
      'There is no database: SaveRouter does not run here. Start it with `npm start`, or set DATABASE_URL.',
    );
  }
  if (!hashesKeys && !isSet('KEY_PEPPER')) process.env['KEY_PEPPER'] = randomBytes(32).toString('hex');
  process.env['ANTHROPIC_API_KEY'] = UPSTREAM_KEY_UNUSED;
  process.env['PUBLIC_URL'] = PUBLIC_URL_UNUSED;
  delete process.env['ANTHROPIC_BASE_URL'];
}

function isSet(name: string): boolean {
  return process.env[name] !== undefined && process.env[name] !== '';
}
