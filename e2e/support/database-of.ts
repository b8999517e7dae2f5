import pg from 'pg';
import type { SharedStack } from './shared-stack';

const pools = new Map<string, pg.Pool>();

/** A few connections to a stack's database, kept for the life of this process. */
export function databaseOf({ databaseUrl }: Pick<SharedStack, 'databaseUrl'>): pg.Pool {
  const pool = pools.get(databaseUrl) ?? open(databaseUrl);
  pools.set(databaseUrl, pool);
  return pool;
}

function open(databaseUrl: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4, allowExitOnIdle: true });
  // Some tests take the database away; whoever asks it then is told.
  pool.on('error', () => undefined);
  return pool;
}
