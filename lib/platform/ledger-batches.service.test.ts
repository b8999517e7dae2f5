import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '@/lib/testing/database';

const ACCOUNTS = ['acc_a', 'acc_b', 'acc_c', 'acc_d'];
const CLIENTS = 6;
const BATCHES_EACH = 25;

type Item = Record<string, unknown> & { request_id: string; account_id: string };

describe('batches of several processes', () => {
  let database: TestDatabase;
  let clients: pg.Client[];

  beforeAll(async () => {
    database = await createTestDatabase();
    clients = await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        const client = new pg.Client({ connectionString: database.url });
        await client.connect();
        return client;
      }),
    );
    const [client] = clients;
    for (const id of ACCOUNTS) {
      await client?.query(`INSERT INTO accounts (id, kind, credits_posted) VALUES ($1, 'customer', 1000000)`, [id]);
      await client?.query(
        `INSERT INTO api_keys (id, account_id, hash, prefix, last_four, limit_nano, limit_period)
         VALUES ($1, $2, decode(md5($1) || md5($2), 'hex'), 'sk', 'aaaa', 600000, 'day')`,
        [`key_${id}`, id],
      );
    }
  });

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.end()));
    await database.drop();
  });

  const hold = (accountId: string): Item => ({
    request_id: `req_${randomUUID()}`,
    account_id: accountId,
    key_id: `key_${accountId}`,
    instance_id: 'ins_test',
    wanted: '5000',
    minimum: '5000',
    model: 'claude-haiku-4-5',
    stream: false,
    created_at: new Date().toISOString(),
  });

  const settlement = ({ request_id, account_id, key_id, model, stream, created_at }: Item): Item => ({
    ...{ request_id, account_id, key_id, model, stream, created_at, status: 200, ending: 'finished' },
    ...{ settled_from: 'usage', hold_nano: 0, amount_nano: '3000', shortfall_nano: 0, forgiven_nano: 0 },
    ...{ input_tokens: 1, output_tokens: 1, cache_write_5m_tokens: 0, cache_write_1h_tokens: 0 },
    ...{ cache_read_tokens: 0, web_search_requests: 0, receipt: [], flags: [] },
  });

  it('never wait for each other in a circle, and charge each request once', async () => {
    const held: number[] = [];
    const work = async (client: pg.Client, turn: number): Promise<void> => {
      for (let batch = 0; batch < BATCHES_EACH; batch += 1) {
        // Each process meets the accounts in an order of its own, one of them twice.
        const order = [...ACCOUNTS, ACCOUNTS[batch % 4] ?? ''].sort(() => ((turn + batch) % 2 === 0 ? 1 : -1));
        const items = order.map(hold);
        const placed = await client.query<{ outcome: string }>('SELECT * FROM ledger_place_holds($1)', [
          JSON.stringify(items),
        ]);
        expect(placed.rows).toHaveLength(items.length);
        const kept = items.filter((_, index) => placed.rows[index]?.outcome === 'held');
        held.push(kept.length);
        const settlements = JSON.stringify(kept.map(settlement).reverse());
        const settled = await client.query<{ outcome: string }>('SELECT * FROM ledger_settle_many($1)', [settlements]);
        expect(settled.rows.every(({ outcome }) => outcome === 'settled')).toBe(true);
        const again = await client.query<{ outcome: string }>('SELECT * FROM ledger_settle_many($1)', [settlements]);
        expect(again.rows.every(({ outcome }) => outcome === 'already')).toBe(true);
      }
    };
    await Promise.all(clients.map(work));

    const charged = held.reduce((sum, count) => sum + count, 0);
    expect(charged).toBeGreaterThan(100);
    const { rows } = await (clients[0] as pg.Client).query<Record<string, string>>(
      `SELECT (SELECT count(*) FROM transfers WHERE kind = 'charge') AS charges,
              (SELECT sum(debits_posted) FROM accounts) AS debits, (SELECT sum(debits_pending) FROM accounts) AS pending,
              (SELECT count(*) FROM holds) AS holds, (SELECT sum(spent_nano) FROM key_spend) AS spent,
              (SELECT max(spent_nano + pending_nano) FROM key_spend) AS most`,
    );
    expect(rows[0]).toMatchObject({
      charges: String(charged),
      debits: String(charged * 3000),
      pending: '0',
      holds: '0',
    });
    expect(rows[0]?.['spent']).toBe(String(charged * 3000));
    expect(Number(rows[0]?.['most'])).toBeLessThanOrEqual(600_000);
  });

  it('serve the requests of one account in the order in which they came, until its money is out', async () => {
    const [client] = clients;
    await client?.query(`INSERT INTO accounts (id, kind, credits_posted) VALUES ('acc_poor', 'customer', 12000)`);
    await client?.query(
      `INSERT INTO api_keys (id, account_id, hash, prefix, last_four) VALUES ('key_acc_poor', 'acc_poor', decode(md5('x') || md5('y'), 'hex'), 'sk', 'aaaa')`,
    );
    const items = Array.from({ length: 4 }, () => hold('acc_poor'));
    const placed = await client?.query<{ outcome: string }>('SELECT outcome FROM ledger_place_holds($1)', [
      JSON.stringify(items),
    ]);
    expect(placed?.rows.map(({ outcome }) => outcome)).toEqual(['held', 'held', 'insufficient', 'insufficient']);
  });
});
