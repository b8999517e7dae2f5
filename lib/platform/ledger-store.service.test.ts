import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase } from '@/lib/testing/database';
import { holdRequest, makeAccount, makeKey, uncharged, usageRow } from '@/lib/testing/ledger-factory';

const testDatabase = await createTestDatabase();
vi.stubEnv('DATABASE_URL', testDatabase.url);
const { database } = await import('./database');
const { placeHold, settle } = await import('./ledger-store');

const UNIT = 1_000_000n;

let accountId: string;
let keyId: string;

beforeEach(async () => {
  accountId = await makeAccount(database(), 10n * UNIT);
  keyId = await makeKey(database(), accountId);
});

afterAll(async () => {
  await database().end();
  await testDatabase.drop();
});

describe('a hold', () => {
  it('never takes a balance below zero: of 100 at once against a balance for 10, 10 are held', async () => {
    const outcomes = await Promise.all(range(100).map(() => placeHold(hold(UNIT))));
    expect(outcomes.filter(({ outcome }) => outcome === 'held')).toHaveLength(10);
    expect(outcomes.filter(({ outcome }) => outcome === 'insufficient')).toHaveLength(90);
    expect(await totals()).toEqual({ credits: 10n * UNIT, debits: 0n, pending: 10n * UNIT });
    expect(await count('holds')).toBe(10);
  });

  it('never takes a key past its limit: of 50 at once against a limit for 3, 3 are held', async () => {
    keyId = await makeKey(database(), accountId, { limitNano: 3n * UNIT, limitPeriod: 'day' });
    const outcomes = await Promise.all(range(50).map(() => placeHold(hold(UNIT))));
    expect(outcomes.filter(({ outcome }) => outcome === 'held')).toHaveLength(3);
    expect(outcomes.filter(({ outcome }) => outcome === 'key_limit')).toHaveLength(47);
    expect(await totals()).toMatchObject({ pending: 3n * UNIT });
  });

  it('takes all there is when that is at least the minimum, and says what is left', async () => {
    const placed = await placeHold(hold(25n * UNIT, { minimumNano: UNIT }));
    expect(placed).toEqual({
      outcome: 'held',
      heldNano: 10n * UNIT,
      availableNano: 0n,
      pendingNano: 10n * UNIT,
      keyRemainingNano: null,
    });
    const refused = await placeHold(hold(25n * UNIT, { minimumNano: 1n }));
    expect(refused).toMatchObject({
      outcome: 'insufficient',
      heldNano: 0n,
      availableNano: 0n,
      pendingNano: 10n * UNIT,
    });
  });

  it.each([
    ['revoked', 'UPDATE api_keys SET revoked_at = now() WHERE id = $1'],
    ['disabled', 'UPDATE api_keys SET disabled_at = now() WHERE id = $1'],
    ['expired', `UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1`],
  ])('is refused to a key that was %s a moment ago, whatever a cache says', async (_, sql) => {
    await database().query(sql, [keyId]);
    expect(await placeHold(hold(UNIT))).toMatchObject({ outcome: 'key_refused', heldNano: 0n });
    expect(await totals()).toMatchObject({ pending: 0n });
  });

  it("is refused to a suspended account, and to another account's key", async () => {
    const other = await makeAccount(database(), UNIT);
    expect(await placeHold(holdRequest({ accountId: other, keyId }, UNIT))).toMatchObject({ outcome: 'key_refused' });
    await database().query('UPDATE accounts SET suspended_at = now() WHERE id = $1', [accountId]);
    expect(await placeHold(hold(UNIT))).toMatchObject({ outcome: 'account_suspended' });
  });
});

describe('a spend limit', () => {
  it.each([
    ['day', '2026-10-15T23:59:59.999Z', '2026-10-16T00:00:00Z', '2026-10-15T00:00:00Z'],
    ['week', '2026-10-18T23:59:59.999Z', '2026-10-19T00:00:00Z', '2026-10-12T00:00:00Z'],
    ['month', '2026-10-31T23:59:59.999Z', '2026-11-01T00:00:00Z', '2026-10-01T00:00:00Z'],
  ] as const)('a %s starts anew in UTC, weeks on Monday', async (limitPeriod, last, next, windowStart) => {
    keyId = await makeKey(database(), accountId, { limitNano: 2n * UNIT, limitPeriod });
    const first = hold(2n * UNIT, { createdAt: new Date(last) });
    expect(await placeHold(first)).toMatchObject({ outcome: 'held', keyRemainingNano: 0n });
    await settle(usageRow(first, 2n * UNIT), null);
    expect(await placeHold(hold(UNIT, { createdAt: new Date(windowStart) }))).toMatchObject({ outcome: 'key_limit' });
    expect(await placeHold(hold(UNIT, { createdAt: new Date(last) }))).toMatchObject({
      outcome: 'key_limit',
      keyRemainingNano: 0n,
    });
    expect(await placeHold(hold(UNIT, { createdAt: new Date(next) }))).toMatchObject({
      outcome: 'held',
      keyRemainingNano: UNIT,
    });
    expect(await spend()).toEqual([
      { window: new Date(windowStart), spent: 2n * UNIT, pending: 0n },
      { window: new Date(next), spent: 0n, pending: UNIT },
    ]);
  });

  it('a total never starts anew', async () => {
    keyId = await makeKey(database(), accountId, { limitNano: 2n * UNIT, limitPeriod: 'total' });
    const first = hold(2n * UNIT, { createdAt: new Date('2026-01-01T00:00:00Z') });
    await placeHold(first);
    await settle(usageRow(first, 2n * UNIT), null);
    expect(await placeHold(hold(1n))).toMatchObject({ outcome: 'key_limit' });
  });

  it('counts a charge in the window that its hold was placed in, and gives back what was held too much', async () => {
    keyId = await makeKey(database(), accountId, { limitNano: 5n * UNIT, limitPeriod: 'day' });
    const yesterday = hold(5n * UNIT, { createdAt: new Date('2026-10-15T23:59:00Z') });
    await placeHold(yesterday);
    const today = hold(UNIT, { createdAt: new Date('2026-10-16T00:01:00Z') });
    await placeHold(today);
    await settle(usageRow(yesterday, 2n * UNIT), null);
    expect(await spend()).toEqual([
      { window: new Date('2026-10-15T00:00:00Z'), spent: 2n * UNIT, pending: 0n },
      { window: new Date('2026-10-16T00:00:00Z'), spent: 0n, pending: UNIT },
    ]);
  });
});

describe('a settlement', () => {
  it('charges once, however many try at the same time', async () => {
    const request = hold(4n * UNIT);
    await placeHold(request);
    const settlements = await Promise.all(range(20).map(() => settle(usageRow(request, 3n * UNIT), null)));
    expect(settlements.filter(({ outcome }) => outcome === 'settled')).toHaveLength(1);
    expect(settlements.filter(({ outcome }) => outcome === 'already')).toHaveLength(19);
    expect(settlements.every(({ postedNano }) => postedNano === 3n * UNIT)).toBe(true);
    expect(await totals()).toEqual({ credits: 10n * UNIT, debits: 3n * UNIT, pending: 0n });
    expect(await count('usage')).toBe(1);
    expect(await charges()).toEqual([3n * UNIT]);
  });

  it('of a request without a hold posts nothing', async () => {
    expect(await settle(usageRow(hold(UNIT), UNIT), null)).toEqual({
      outcome: 'unknown',
      postedNano: 0n,
      shortfallNano: 0n,
    });
    expect(await totals()).toMatchObject({ debits: 0n });
    expect(await count('usage')).toBe(0);
  });

  it('of what costs nothing gives the hold back and books no transfer', async () => {
    const request = hold(4n * UNIT);
    await placeHold(request);
    await settle(usageRow(request, 0n, { ...uncharged('upstream_failed'), forgivenNano: 7n }), null);
    expect(await totals()).toEqual({ credits: 10n * UNIT, debits: 0n, pending: 0n });
    expect(await charges()).toEqual([]);
    const { rows } = await database().query(
      'SELECT forgiven_nano, ending, hold_nano FROM usage WHERE account_id = $1',
      [accountId],
    );
    expect(rows).toEqual([{ forgiven_nano: '7', ending: 'upstream_failed', hold_nano: (4n * UNIT).toString() }]);
  });

  it('above what there is takes the customer to zero and books the rest as a shortfall', async () => {
    const running = hold(4n * UNIT);
    const request = hold(2n * UNIT);
    await placeHold(running);
    await placeHold(request);
    const settlement = await settle(usageRow(request, 9n * UNIT), null);
    expect(settlement).toEqual({ outcome: 'settled', postedNano: 6n * UNIT, shortfallNano: 3n * UNIT });
    expect(await totals()).toEqual({ credits: 10n * UNIT, debits: 6n * UNIT, pending: 4n * UNIT });
    const { rows } = await database().query(
      'SELECT kind, debit_account_id, credit_account_id, amount_nano FROM transfers WHERE idempotency_key = $1',
      [`shortfall:${request.requestId}`],
    );
    expect(rows).toEqual([
      {
        kind: 'shortfall',
        debit_account_id: 'acc_shortfall',
        credit_account_id: 'acc_revenue',
        amount_nano: (3n * UNIT).toString(),
      },
    ]);
  });

  it('that comes after the reaper gave the request up replaces its row, its hour and its spend, once', async () => {
    keyId = await makeKey(database(), accountId, { limitNano: 5n * UNIT, limitPeriod: 'month' });
    const request = hold(4n * UNIT);
    await placeHold(request);
    expect(await settle(usageRow(request, 0n, uncharged('crashed')), null)).toMatchObject({
      outcome: 'settled',
      postedNano: 0n,
    });
    const late = await Promise.all(range(5).map(() => settle(usageRow(request, 3n * UNIT), 'msg_late')));
    expect(late.map(({ outcome }) => outcome).sort()).toEqual(['already', 'already', 'already', 'already', 'replaced']);
    expect(await settle(usageRow(request, 0n, uncharged('crashed')), null)).toMatchObject({
      outcome: 'already',
      postedNano: 3n * UNIT,
    });
    expect(await totals()).toEqual({ credits: 10n * UNIT, debits: 3n * UNIT, pending: 0n });
    const { rows } = await database().query('SELECT ending, amount_nano, hold_nano FROM usage WHERE account_id = $1', [
      accountId,
    ]);
    expect(rows).toEqual([
      { ending: 'finished', amount_nano: (3n * UNIT).toString(), hold_nano: (4n * UNIT).toString() },
    ]);
    expect(await spend()).toMatchObject([{ spent: 3n * UNIT, pending: 0n }]);
    expect(await rollupDifferences()).toEqual([]);
  });

  it("remembers whose message of a thread it answered, and no other account's claim to it", async () => {
    const request = hold(UNIT);
    await placeHold(request);
    await settle(usageRow(request, UNIT), `msg_${request.requestId}`);
    const { rows } = await database().query('SELECT account_id FROM thread_messages WHERE message_id = $1', [
      `msg_${request.requestId}`,
    ]);
    expect(rows).toEqual([{ account_id: accountId }]);
  });

  it('adds every request to its hour: the sums equal the rows', async () => {
    const requests = range(30).map((index) =>
      hold(UNIT / 10n, {
        createdAt: new Date(Date.UTC(2026, 9, 15, 10, 50 + index)),
        model: index % 3 === 0 ? 'claude-opus-4-8' : 'claude-haiku-4-5',
      }),
    );
    await Promise.all(
      requests.map(async (request, index) => {
        await placeHold(request);
        await settle(usageRow(request, BigInt(index) * 1000n + 1n, { outputTokens: index }), null);
      }),
    );
    const { rows } = await database().query('SELECT 1 FROM usage_hourly WHERE account_id = $1', [accountId]);
    expect(rows).toHaveLength(4);
    expect(await rollupDifferences()).toEqual([]);
  });
});

describe('the database itself', () => {
  it.each([
    'UPDATE transfers SET amount_nano = 1',
    'DELETE FROM transfers',
    'TRUNCATE transfers',
    'DELETE FROM accounts',
  ])('refuses %s: what is booked stays', async (sql) => {
    await expect(database().query(sql)).rejects.toThrow(/append-only/);
  });

  it('refuses a balance below zero, a transfer of nothing, and one from an account to itself, whoever writes them', async () => {
    const write = (sql: string) => database().query(sql, [accountId]);
    await expect(write('UPDATE accounts SET debits_posted = credits_posted + 1 WHERE id = $1')).rejects.toThrow(
      /never_negative/,
    );
    await expect(write('UPDATE accounts SET debits_pending = -1 WHERE id = $1')).rejects.toThrow(/never_negative/);
    const insert = (from: string, amount: number) =>
      write(`INSERT INTO transfers (kind, debit_account_id, credit_account_id, amount_nano, idempotency_key)
             VALUES ('adjustment', ${from}, $1, ${String(amount)}, 'x')`);
    await expect(insert(`'acc_adjustment'`, 0)).rejects.toThrow(/amount_positive/);
    await expect(insert('$1', 1)).rejects.toThrow(/between_two_accounts/);
  });
});

function hold(wantedNano: bigint, more: Parameters<typeof holdRequest>[2] = {}) {
  return holdRequest({ accountId, keyId }, wantedNano, more);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

async function totals() {
  const { rows } = await database().query<Record<'credits' | 'debits' | 'pending', string>>(
    'SELECT credits_posted AS credits, debits_posted AS debits, debits_pending AS pending FROM accounts WHERE id = $1',
    [accountId],
  );
  const [row] = rows;
  if (!row) throw new Error(`no account ${accountId}`);
  return { credits: BigInt(row.credits), debits: BigInt(row.debits), pending: BigInt(row.pending) };
}

async function count(table: 'holds' | 'usage'): Promise<number> {
  const { rows } = await database().query(`SELECT 1 FROM ${table} WHERE account_id = $1`, [accountId]);
  return rows.length;
}

async function charges(): Promise<bigint[]> {
  const { rows } = await database().query<{ amount_nano: string }>(
    `SELECT amount_nano FROM transfers WHERE kind = 'charge' AND debit_account_id = $1 AND credit_account_id = 'acc_revenue'`,
    [accountId],
  );
  return rows.map((row) => BigInt(row.amount_nano));
}

async function spend() {
  const { rows } = await database().query<{ window_start: Date; spent_nano: string; pending_nano: string }>(
    'SELECT window_start, spent_nano, pending_nano FROM key_spend WHERE key_id = $1 ORDER BY window_start',
    [keyId],
  );
  return rows.map((row) => ({
    window: row.window_start,
    spent: BigInt(row.spent_nano),
    pending: BigInt(row.pending_nano),
  }));
}

/** Hours of the account whose sums are not those of its rows, by sums written out once more and not by the ledger's function. */
async function rollupDifferences(): Promise<unknown[]> {
  const sums = `account_id, key_id, model, sum(input_tokens) AS a, sum(output_tokens) AS b, sum(cache_write_5m_tokens) AS c,
    sum(cache_write_1h_tokens) AS d, sum(cache_read_tokens) AS e, sum(web_search_requests) AS f, sum(amount_nano) AS g`;
  const fromRows = `SELECT date_trunc('hour', created_at, 'UTC') AS hour, ${sums}, count(*) AS n FROM usage WHERE account_id = $1 GROUP BY 1, 2, 3, 4`;
  const fromHours = `SELECT hour, ${sums}, sum(requests) AS n FROM usage_hourly WHERE account_id = $1 GROUP BY 1, 2, 3, 4`;
  const { rows } = await database().query<Record<string, unknown>>(
    `((${fromRows}) EXCEPT (${fromHours})) UNION ALL ((${fromHours}) EXCEPT (${fromRows}))`,
    [accountId],
  );
  return rows;
}
