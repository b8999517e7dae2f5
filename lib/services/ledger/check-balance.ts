import type { LedgerDifference } from '@/lib/contracts/ledger';
import type { Transaction } from '@/lib/platform/transaction';

/**
 * The books balance: what customers have, by their stored totals, and what the system's own accounts have, by their
 * transfers, cancel out. It says something about all accounts together, so for one customer there is nothing to check.
 */
export async function checkBalance(tx: Transaction, accountId: string | null): Promise<LedgerDifference[]> {
  if (accountId !== null) return [];
  return tx.$queryRaw<LedgerDifference[]>`
    SELECT 'sum_of_all_is_zero' AS "check", 'all accounts' AS subject, '0' AS expected, total::text AS found
    FROM (
      SELECT (SELECT COALESCE(sum(credits_posted - debits_posted), 0) FROM accounts WHERE kind = 'customer')
        + COALESCE(sum(t.amount_nano) FILTER (WHERE c.kind <> 'customer'), 0)
        - COALESCE(sum(t.amount_nano) FILTER (WHERE d.kind <> 'customer'), 0) AS total
      FROM transfers t
      LEFT JOIN accounts c ON c.id = t.credit_account_id
      LEFT JOIN accounts d ON d.id = t.debit_account_id
    ) sums
    WHERE total <> 0`;
}
