import type { Pool } from 'pg';
import { eventually } from './eventually';

/** What the product wrote of one request. */
export interface UsageRow {
  requestId: string;
  upstreamRequestId: string | null;
  ending: string;
  settledFrom: string;
  stream: boolean;
  outputTokens: number;
  amountNano: bigint;
}

/** What an account's ledger says at one moment. */
export interface AccountLedger {
  rows: UsageRow[];
  openHolds: number;
  spentNano: bigint;
  heldNano: bigint;
}

const USAGE = `SELECT request_id, upstream_request_id, ending, settled_from, stream, output_tokens, amount_nano
  FROM usage WHERE account_id = $1 ORDER BY created_at, request_id`;
const ACCOUNT = `SELECT debits_posted, debits_pending,
  (SELECT count(*)::int FROM holds WHERE account_id = $1) AS open_holds FROM accounts WHERE id = $1`;

/** Reads an account's rows, holds and totals from the database. */
export async function accountLedger(database: Pool, accountId: string): Promise<AccountLedger> {
  const usage = await database.query<Record<string, string> & { stream: boolean }>(USAGE, [accountId]);
  const account = await database.query<{ debits_posted: string; debits_pending: string; open_holds: number }>(ACCOUNT, [
    accountId,
  ]);
  const totals = account.rows[0];
  if (totals === undefined) throw new Error(`there is no account ${accountId}`);
  return {
    rows: usage.rows.map((row) => ({
      requestId: row['request_id'] ?? '',
      upstreamRequestId: row['upstream_request_id'] ?? null,
      ending: row['ending'] ?? '',
      settledFrom: row['settled_from'] ?? '',
      stream: row.stream,
      outputTokens: Number(row['output_tokens']),
      amountNano: BigInt(row['amount_nano'] ?? 0),
    })),
    openHolds: totals.open_holds,
    spentNano: BigInt(totals.debits_posted),
    heldNano: BigInt(totals.debits_pending),
  };
}

/** Waits until an account has no hold left and as many usage rows as it had requests that held money. */
export function settledLedger(
  database: Pool,
  accountId: string,
  requests: number,
  timeoutMs?: number,
): Promise<AccountLedger> {
  return eventually(async () => {
    const ledger = await accountLedger(database, accountId);
    if (ledger.openHolds > 0 || ledger.heldNano > 0n || ledger.rows.length !== requests) {
      throw new Error(
        `${String(ledger.rows.length)} of ${String(requests)} requests are settled, ${String(ledger.openHolds)} holds are open`,
      );
    }
    return ledger;
  }, timeoutMs);
}
