import type { LedgerDifference } from '@/lib/contracts/ledger';
import type { Transaction } from '@/lib/platform/transaction';

/** Every charge and shortfall stands on a usage row of its amount, every usage row that costs has both, and none counts twice. */
export async function compareCharges(
  tx: Transaction,
  accountId: string | null,
  limit: number,
): Promise<LedgerDifference[]> {
  const charges = await tx.$queryRaw<LedgerDifference[]>`
    SELECT 'charge_equals_usage' AS "check", COALESCE(u.request_id, t.idempotency_key) AS subject,
      CASE WHEN u.request_id IS NULL THEN 'no charge'
        ELSE format('%s from %s to acc_revenue', u.amount_nano, u.account_id) END AS expected,
      CASE WHEN t.id IS NULL THEN 'no charge'
        ELSE format('%s from %s to %s', t.amount_nano, t.debit_account_id, t.credit_account_id) END AS found
    FROM (
      SELECT request_id, account_id, amount_nano, 'charge:' || request_id AS idempotency_key FROM usage
      WHERE amount_nano > 0 AND (${accountId}::text IS NULL OR account_id = ${accountId})
    ) u
    FULL JOIN (
      SELECT * FROM transfers WHERE kind = 'charge' AND (${accountId}::text IS NULL OR debit_account_id = ${accountId})
    ) t ON t.idempotency_key = u.idempotency_key
    WHERE (u.amount_nano, u.account_id, 'acc_revenue')
      IS DISTINCT FROM (t.amount_nano, t.debit_account_id, t.credit_account_id)
    LIMIT ${limit}`;
  // A shortfall's transfer does not name the customer, so for one customer only its own rows are looked up.
  const shortfalls = await tx.$queryRaw<LedgerDifference[]>`
    SELECT 'shortfall_equals_usage' AS "check", COALESCE(u.request_id, t.idempotency_key) AS subject,
      CASE WHEN u.request_id IS NULL THEN 'no shortfall'
        ELSE format('%s from acc_shortfall to acc_revenue', u.shortfall_nano) END AS expected,
      CASE WHEN t.id IS NULL THEN 'no shortfall'
        ELSE format('%s from %s to %s', t.amount_nano, t.debit_account_id, t.credit_account_id) END AS found
    FROM (
      SELECT request_id, shortfall_nano, 'shortfall:' || request_id AS idempotency_key FROM usage
      WHERE shortfall_nano > 0 AND (${accountId}::text IS NULL OR account_id = ${accountId})
    ) u
    FULL JOIN (SELECT * FROM transfers WHERE kind = 'shortfall') t ON t.idempotency_key = u.idempotency_key
    WHERE (${accountId}::text IS NULL OR u.request_id IS NOT NULL)
      AND (u.shortfall_nano, 'acc_shortfall', 'acc_revenue')
        IS DISTINCT FROM (t.amount_nano, t.debit_account_id, t.credit_account_id)
    LIMIT ${limit}`;
  const twice = await tx.$queryRaw<LedgerDifference[]>`
    SELECT 'one_usage_row_per_request' AS "check", request_id AS subject, '1 row' AS expected, format('%s rows', count(*)) AS found
    FROM usage WHERE ${accountId}::text IS NULL OR account_id = ${accountId}
    GROUP BY request_id HAVING count(*) > 1
    LIMIT ${limit}`;
  return [...charges, ...shortfalls, ...twice].slice(0, limit);
}
