import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { createDatabaseIfMissing, withConnection } from './database-admin';

/** The lock that Prisma's own engine takes, so that neither runs into the other. */
const PRISMA_LOCK = 72707369;

/** Prisma's table as its engine makes it: `prisma migrate status` reads what this runner wrote, and the reverse. */
const PRISMA_TABLE = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/**
 * Brings a database to the newest migration, creating it first if it is missing, and makes the partitions that the
 * coming months need. Any number of processes may call it at once: one applies, the others wait and find nothing to do.
 *
 * @returns the names of the migrations that this call applied, in order.
 * @throws when an applied migration has changed since, when one failed earlier and waits for somebody, or when one fails now.
 */
export async function applyMigrations(
  databaseUrl: string,
  folder = path.join(process.cwd(), 'prisma', 'migrations'),
): Promise<string[]> {
  const migrations = await readMigrations(folder);
  await createDatabaseIfMissing(databaseUrl);
  return withConnection(databaseUrl, async (client) => {
    // A session lock: it ends with the connection, whatever happens.
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]);
    await client.query(PRISMA_TABLE);
    const applied = await readApplied(client);
    const pending = migrations.filter((migration) => !isApplied(migration, applied));
    for (const migration of pending) await apply(client, migration);
    await ensurePartitions(client);
    return pending.map((migration) => migration.name);
  });
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** Name to checksum of what stands in the database. */
async function readApplied(client: pg.Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ migration_name: string; checksum: string; finished_at: Date | null }>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  const unfinished = rows.find((row) => row.finished_at === null);
  if (unfinished !== undefined) {
    throw new Error(
      `Migration ${unfinished.migration_name} failed earlier. Look at its "logs" in _prisma_migrations, mend the ` +
        'database, then set rolled_back_at on that row to have it tried again.',
    );
  }
  return new Map(rows.map((row) => [row.migration_name, row.checksum]));
}

function isApplied(migration: Migration, applied: Map<string, string>): boolean {
  const checksum = applied.get(migration.name);
  if (checksum === undefined) return false;
  if (checksum !== migration.checksum) {
    throw new Error(
      `Migration ${migration.name} was changed after it had been applied. Put it back as it was, and write a new one.`,
    );
  }
  return true;
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  const id = randomUUID();
  await client.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
    id,
    migration.checksum,
    migration.name,
  ]);
  try {
    // One simple query: PostgreSQL runs the whole file as one transaction, unless the file says BEGIN itself.
    await client.query(migration.sql);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await client.query('ROLLBACK');
    await client.query('UPDATE _prisma_migrations SET logs = $2 WHERE id = $1', [id, reason]);
    throw new Error(`Migration ${migration.name} failed: ${reason}`, { cause: error });
  }
  await client.query('UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = $1', [id]);
}

async function ensurePartitions(client: pg.Client): Promise<void> {
  // The first migration defines it; a test of this runner brings migrations of its own.
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regprocedure('ensure_usage_partitions()') IS NOT NULL AS there`,
  );
  if (rows[0]?.there === true) await client.query('SELECT ensure_usage_partitions()');
}
