import type { LedgerDifference } from '@/lib/contracts/ledger';
import type { Transaction } from '@/lib/platform/transaction';

/** A customer's running totals equal the sums of its transfers and of its open holds. */
export function compareTotals(tx: Transaction, accountId: string | null, limit: number): Promise<LedgerDifference[]> {
  return tx.$queryRaw<LedgerDifference[]>`
    SELECT 'account_totals' AS "check", a.id AS subject,
      format('credits %s, debits %s, pending %s', COALESCE(c.total, 0), COALESCE(d.total, 0), COALESCE(h.total, 0)) AS expected,
      format('credits %s, debits %s, pending %s', a.credits_posted, a.debits_posted, a.debits_pending) AS found
    FROM accounts a
    LEFT JOIN (
      SELECT credit_account_id AS id, sum(amount_nano) AS total FROM transfers
      WHERE ${accountId}::text IS NULL OR credit_account_id = ${accountId} GROUP BY 1
    ) c ON c.id = a.id
    LEFT JOIN (
      SELECT debit_account_id AS id, sum(amount_nano) AS total FROM transfers
      WHERE ${accountId}::text IS NULL OR debit_account_id = ${accountId} GROUP BY 1
    ) d ON d.id = a.id
    LEFT JOIN (
      SELECT account_id AS id, sum(amount_nano) AS total FROM holds
      WHERE ${accountId}::text IS NULL OR account_id = ${accountId} GROUP BY 1
    ) h ON h.id = a.id
    WHERE a.kind = 'customer' AND (${accountId}::text IS NULL OR a.id = ${accountId})
      AND (a.credits_posted, a.debits_posted, a.debits_pending)
        IS DISTINCT FROM (COALESCE(c.total, 0), COALESCE(d.total, 0), COALESCE(h.total, 0))
    ORDER BY a.id
    LIMIT ${limit}`;
}
