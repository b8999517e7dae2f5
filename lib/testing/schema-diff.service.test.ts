import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withConnection } from '@/lib/platform/database-admin';
import { createTestDatabase, type TestDatabase } from './database';
import { schemaDifference } from './schema-diff';

const SCHEMA = path.resolve('prisma/schema.prisma');

describe('prisma/migrations and prisma/schema.prisma', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.drop());

  it('say the same', async () => {
    expect(await schemaDifference(database.url, SCHEMA)).toBe('');
  });

  it('are seen to differ as soon as a column, an index or a table does', async () => {
    const changes = [
      'ALTER TABLE accounts DROP COLUMN name',
      'DROP INDEX holds_account_id_idx',
      'CREATE TABLE extra (id INT PRIMARY KEY)',
    ];
    for (const change of changes) {
      const changed = await createTestDatabase();
      await withConnection(changed.url, (client) => client.query(change));
      expect(await schemaDifference(changed.url, SCHEMA), change).not.toBe('');
      await changed.drop();
    }
  });
});
