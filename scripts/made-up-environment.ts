import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { freePort } from './free-port';
import { readPrivateJson, writePrivateJson } from './private-file';
import { DATA_FOLDER } from './running';

export interface MadeUp {
  /** Variables to add to those that are set. */
  variables: Record<string, string>;
  needsPostgres: boolean;
  needsStandIn: boolean;
}

/** Decides what `npm start` has to bring because the environment does not name it. Production gets no made-up secret. */
export async function madeUpEnvironment(source: Readonly<Record<string, string | undefined>>): Promise<MadeUp> {
  const isSet = (name: string) => source[name] !== undefined && source[name] !== '';
  const local = source['APP_ENV'] === 'local';
  const variables: Record<string, string> = {};
  if (source['PORT'] === '0') variables['PORT'] = String(await freePort());
  if (!isSet('JOURNAL_FOLDER')) variables['JOURNAL_FOLDER'] = path.join(DATA_FOLDER, 'journal');
  if (local && !isSet('KEY_PEPPER')) variables['KEY_PEPPER'] = keptPepper();
  return {
    variables,
    needsPostgres: !isSet('DATABASE_URL'),
    needsStandIn: local && !isSet('ANTHROPIC_API_KEY') && !isSet('ANTHROPIC_BASE_URL'),
  };
}

/** The same at every start: every key's hash depends on it. */
function keptPepper(): string {
  const file = path.join(DATA_FOLDER, 'secrets.json');
  const kept = readPrivateJson(file) as { keyPepper: string } | undefined;
  if (kept !== undefined) return kept.keyPepper;
  const keyPepper = randomBytes(32).toString('hex');
  writePrivateJson(file, { keyPepper });
  return keyPepper;
}
