import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { createTestDatabase } from '@/lib/testing/database';
import { holdRequest, makeAccount, makeKey, usageRow } from '@/lib/testing/ledger-factory';

const testDatabase = await createTestDatabase();
vi.stubEnv('DATABASE_URL', testDatabase.url);
const { database } = await import('@/lib/platform/database');
const { placeHold, settle } = await import('@/lib/platform/ledger-store');
const { prisma } = await import('@/lib/platform/prisma');
const { verifyLedger } = await import('./verify-ledger');

// Whoever tampers has the rights to silence the triggers.
await database().query('ALTER TABLE transfers DISABLE TRIGGER USER');

let accountId: string;

beforeEach(async () => {
  accountId = await makeAccount(database(), 1_000n);
  const keyId = await makeKey(database(), accountId, { limitNano: 5_000n, limitPeriod: 'month' });
  const exact = holdRequest({ accountId, keyId }, 300n);
  const dear = holdRequest({ accountId, keyId }, 300n);
  const open = holdRequest({ accountId, keyId }, 100n);
  for (const request of [exact, dear, open]) expect(await placeHold(request)).toMatchObject({ outcome: 'held' });
  await settle(usageRow(exact, 200n), null);
  await settle(usageRow(dear, 900n), null);
  expect(await verifyLedger(accountId)).toMatchObject({
    ok: true,
    usageRows: 2,
    openHolds: 1,
    revenueNano: 900n,
    shortfallNano: 200n,
  });
});

afterAll(async () => {
  await Promise.all([database().end(), prisma().$disconnect()]);
  await testDatabase.drop();
});

it.each([
  [
    'a credit that nobody booked',
    'account_totals',
    'UPDATE accounts SET credits_posted = credits_posted + 1 WHERE id = $1',
  ],
  [
    'a charge that was forgotten',
    'account_totals',
    'UPDATE accounts SET debits_posted = debits_posted - 1 WHERE id = $1',
  ],
  ['a hold that nothing holds', 'account_totals', 'UPDATE accounts SET debits_pending = 99 WHERE id = $1'],
  [
    'a charge above its request',
    'charge_equals_usage',
    `UPDATE transfers SET amount_nano = amount_nano + 1 WHERE debit_account_id = $1`,
  ],
  [
    'a charge to the wrong side',
    'charge_equals_usage',
    `UPDATE transfers SET credit_account_id = 'acc_chain' WHERE debit_account_id = $1`,
  ],
  ['a charge without a request', 'charge_equals_usage', 'DELETE FROM usage WHERE account_id = $1'],
  ['a request whose charge is gone', 'charge_equals_usage', 'DELETE FROM transfers WHERE debit_account_id = $1'],
  [
    'a shortfall that is gone',
    'shortfall_equals_usage',
    `DELETE FROM transfers t USING usage u WHERE u.account_id = $1 AND t.idempotency_key = 'shortfall:' || u.request_id`,
  ],
  [
    'a request that is booked twice',
    'one_usage_row_per_request',
    `INSERT INTO usage SELECT (jsonb_populate_record(u, jsonb_build_object('created_at', u.created_at - interval '1 second'))).* FROM usage u WHERE account_id = $1`,
  ],
  [
    'an hour with other sums',
    'hour_equals_usage',
    'UPDATE usage_hourly SET output_tokens = output_tokens + 1 WHERE account_id = $1',
  ],
  ['an hour that is gone', 'hour_equals_usage', 'DELETE FROM usage_hourly WHERE account_id = $1'],
  [
    'a key that spent less than it did',
    'key_spend_equals_usage',
    'UPDATE key_spend s SET spent_nano = 0 FROM api_keys k WHERE k.id = s.key_id AND k.account_id = $1',
  ],
  [
    'a key that holds more than it does',
    'key_spend_equals_usage',
    'UPDATE key_spend s SET pending_nano = 500 FROM api_keys k WHERE k.id = s.key_id AND k.account_id = $1',
  ],
  [
    'a hold outside its window',
    'hold_counts_in_its_window',
    'UPDATE holds SET window_start = NULL WHERE account_id = $1',
  ],
  ['a hold of a key of nobody', 'hold_has_an_owner', `UPDATE holds SET key_id = 'key_nobody' WHERE account_id = $1`],
  [
    'a request both held and settled',
    'hold_is_settled_once',
    `INSERT INTO holds SELECT request_id, account_id, key_id, 'ins_x', 1, NULL, model, stream, created_at FROM usage WHERE account_id = $1`,
  ],
  [
    'a receipt with another quantity',
    'receipt_equals_charge',
    `UPDATE usage SET receipt = jsonb_set(receipt, '{0,quantity}', '199') WHERE account_id = $1`,
  ],
  [
    'a receipt that nobody can read',
    'receipt_equals_charge',
    `UPDATE usage SET receipt = '{"lines":1}' WHERE account_id = $1`,
  ],
  ['a charge without a receipt', 'receipt_equals_charge', `UPDATE usage SET receipt = '[]' WHERE account_id = $1`],
  [
    'a transfer with an unknown account',
    'transfer_runs_its_way',
    `UPDATE transfers SET debit_account_id = 'acc_nobody' WHERE credit_account_id = $1`,
  ],
  [
    'a deposit that the chain never sent',
    'transfer_runs_its_way',
    `UPDATE transfers SET kind = 'deposit' WHERE credit_account_id = $1`,
  ],
])('finds %s', async (_, check, sql) => {
  const { rowCount } = await database().query(sql, [accountId]);
  expect(rowCount).toBeGreaterThan(0);
  const report = await verifyLedger(accountId);
  expect(report.ok).toBe(false);
  expect(report.differences.map((difference) => difference.check)).toContain(check);
});

it('finds that the books of all accounts together do not balance', async () => {
  await database().query('UPDATE accounts SET credits_posted = credits_posted + 1 WHERE id = $1', [accountId]);
  const { ok, differences } = await verifyLedger();
  expect(ok).toBe(false);
  expect(differences.map(({ check }) => check)).toContain('sum_of_all_is_zero');
});

it('shows no more than a hundred differences', async () => {
  await database()
    .query(`INSERT INTO transfers (kind, debit_account_id, credit_account_id, amount_nano, idempotency_key)
    SELECT 'adjustment', 'acc_chain', 'acc_revenue', 1, 'tampered:' || n FROM generate_series(1, 150) n`);
  const { ok, differences } = await verifyLedger();
  expect(ok).toBe(false);
  expect(differences).toHaveLength(100);
});

it('does not know an account that is not there', async () => {
  await expect(verifyLedger('acc_nobody')).rejects.toMatchObject({ kind: 'not_found' });
});
