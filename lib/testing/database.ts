import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { copyDatabase, dropDatabase } from '@/lib/platform/database-admin';

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A migrated database of one's own, on a real PostgreSQL: nothing another test does is seen in it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const url = await copyDatabase(inject('templateDatabaseUrl'), `test_${randomUUID().replaceAll('-', '')}`);
  return { url, drop: () => dropDatabase(url) };
}
