import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '@/lib/testing/database';

describe('the months that usage is written to', () => {
  let client: pg.Client;
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });

  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  it('are made ahead, and again without harm', async () => {
    await client.query('SELECT ensure_usage_partitions()');
    await client.query('SELECT ensure_usage_partitions()');
    const { rows } = await client.query<{ count: string }>(
      "SELECT count(*) FROM pg_inherits WHERE inhparent = 'usage'::regclass",
    );
    expect(Number(rows[0]?.count)).toBe(5);
  });

  it('take over the rows that nobody had made a month for, so that no charge is lost to a late worker', async () => {
    const { rows } = await client.query<{ name: string }>(
      "SELECT 'usage_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM') AS name",
    );
    const month = rows[0]?.name ?? '';
    await client.query(`ALTER TABLE usage DETACH PARTITION ${month}`);
    await client.query(`DROP TABLE ${month}`);
    await client.query(
      `INSERT INTO usage (request_id, created_at, account_id, key_id, model, stream, status, ending, settled_from)
       VALUES ('req_late', now(), 'acc_a', 'key_a', 'm', false, 200, 'finished', 'usage')`,
    );
    expect((await client.query('SELECT 1 FROM usage_default')).rowCount).toBe(1);
    await client.query('SELECT ensure_usage_partitions()');
    expect((await client.query('SELECT 1 FROM usage_default')).rowCount).toBe(0);
    expect((await client.query(`SELECT 1 FROM ${month} WHERE request_id = 'req_late'`)).rowCount).toBe(1);
  });
});
