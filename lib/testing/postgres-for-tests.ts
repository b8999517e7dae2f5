import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { applyMigrations } from '@/lib/platform/migrate';
import { startEmbeddedPostgres } from '@/scripts/embedded-postgres';

declare module 'vitest' {
  interface ProvidedContext {
    templateDatabaseUrl: string;
  }
}

/** Nothing here outlives the run, so it need not survive a power cut. */
const FAST_AND_FORGETFUL = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** Once per run of the service tests: one PostgreSQL in a temporary folder, and a migrated database to copy from. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'saverouter-tests-'));
  fs.chmodSync(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ folder, settings: FAST_AND_FORGETFUL });
  await applyMigrations(postgres.url);
  project.provide('templateDatabaseUrl', postgres.url);
  return async () => {
    await postgres.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  };
}
