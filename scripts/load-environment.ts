import fs from 'node:fs';
import { readRunning } from './running';

/**
 * Gives a program at the command line the configuration that the running product has: first what its own environment
 * says, then .env, then, on one's own machine, what `npm start` made up. Nothing that is set is replaced.
 */
export function loadEnvironment(): void {
  if (fs.existsSync('.env')) process.loadEnvFile('.env');
  for (const [name, value] of Object.entries(readRunning()?.environment ?? {})) {
    if (process.env[name] === undefined || process.env[name] === '') process.env[name] = value;
  }
}
