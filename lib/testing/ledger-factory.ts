import { randomBytes } from 'node:crypto';
import type { LimitPeriod } from '@/lib/contracts/key';
import { newId } from '@/lib/domain/id';
import type { ReceiptLine } from '@/lib/domain/pricing';
import type { database } from '@/lib/platform/database';
import type { HoldRequest, UsageRow } from '@/lib/platform/ledger-store';

type Queryable = Pick<ReturnType<typeof database>, 'query'>;

/** A customer with credit, straight in the database: for tests of what lies below the verbs. */
export async function makeAccount(pool: Queryable, creditNano: bigint): Promise<string> {
  const id = newId('acc', Date.now());
  await pool.query(`INSERT INTO accounts (id, kind) VALUES ($1, 'customer')`, [id]);
  if (creditNano > 0n) {
    await pool.query(`SELECT ledger_credit($1, $2, 'adjustment', 'acc_adjustment', $3, 'test')`, [
      id,
      creditNano.toString(),
      `adjustment:${id}`,
    ]);
  }
  return id;
}

/** A key that nobody knows, with or without a spend limit. */
export async function makeKey(
  pool: Queryable,
  accountId: string,
  limit?: { limitNano: bigint; limitPeriod: LimitPeriod },
): Promise<string> {
  const id = newId('key', Date.now());
  await pool.query(
    `INSERT INTO api_keys (id, account_id, hash, prefix, last_four, limit_nano, limit_period)
     VALUES ($1, $2, $3, 'sk-sr-v1-abc', 'wxyz', $4, $5)`,
    [id, accountId, randomBytes(32), limit?.limitNano.toString() ?? null, limit?.limitPeriod ?? null],
  );
  return id;
}

type Owner = { accountId: string; keyId: string };

/** A hold of exactly `wantedNano`, or of less when `minimumNano` says so. */
export function holdRequest(owner: Owner, wantedNano: bigint, more: Partial<HoldRequest> = {}): HoldRequest {
  const createdAt = more.createdAt ?? new Date();
  return {
    requestId: newId('req', createdAt.getTime()),
    instanceId: 'ins_test',
    wantedNano,
    minimumNano: wantedNano,
    model: 'claude-haiku-4-5',
    stream: false,
    createdAt,
    ...owner,
    ...more,
  };
}

/** How a held request ended: finished, unless told otherwise, with a receipt that sums to `amountNano`. */
export function usageRow(hold: HoldRequest, amountNano: bigint, more: Partial<UsageRow> = {}): UsageRow {
  return {
    requestId: hold.requestId,
    createdAt: hold.createdAt,
    accountId: hold.accountId,
    keyId: hold.keyId,
    model: hold.model,
    servedModel: hold.model,
    upstream: 'anthropic',
    upstreamRequestId: 'req_upstream',
    stream: hold.stream,
    status: 200,
    ending: 'finished',
    settledFrom: 'usage',
    stopReason: 'end_turn',
    inputTokens: 10,
    outputTokens: 20,
    cacheWrite5mTokens: 3,
    cacheWrite1hTokens: 4,
    cacheReadTokens: 5,
    webSearchRequests: 1,
    amountNano,
    forgivenNano: 0n,
    receipt: amountNano === 0n ? [] : [receiptLine(amountNano)],
    flags: [],
    firstByteMs: 12,
    durationMs: 34,
    ...more,
  };
}

/** A request that broke, or was given up: it costs nothing. */
export function uncharged(ending: 'crashed' | 'refused' | 'upstream_failed'): Partial<UsageRow> {
  return { ending, settledFrom: 'none', status: 500, servedModel: null, stopReason: null };
}

function receiptLine(amountNano: bigint): ReceiptLine {
  return {
    model: 'claude-haiku-4-5',
    priceId: 'price_test',
    dimension: 'input',
    quantity: Number(amountNano),
    nanoPerMillion: '1000000',
    percents: [],
  };
}
