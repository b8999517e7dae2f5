import type { LedgerDifference } from '@/lib/contracts/ledger';
import type { Transaction } from '@/lib/platform/transaction';

/** Every transfer runs between two accounts that exist, in the direction its kind allows. */
export function checkTransfers(tx: Transaction, accountId: string | null, limit: number): Promise<LedgerDifference[]> {
  return tx.$queryRaw<LedgerDifference[]>`
    SELECT 'transfer_runs_its_way' AS "check", t.id::text AS subject,
      w.debit_kind || ' to ' || w.credit_kind AS expected,
      format('%s (%s) to %s (%s)', t.debit_account_id, COALESCE(d.kind::text, 'unknown'),
        t.credit_account_id, COALESCE(c.kind::text, 'unknown')) AS found
    FROM transfers t
    JOIN (VALUES
      ('charge', 'customer', 'revenue'),
      ('shortfall', 'shortfall', 'revenue'),
      ('adjustment', 'adjustment', 'customer'),
      ('deposit', 'chain', 'customer')
    ) AS w (kind, debit_kind, credit_kind) ON w.kind = t.kind::text
    LEFT JOIN accounts d ON d.id = t.debit_account_id
    LEFT JOIN accounts c ON c.id = t.credit_account_id
    WHERE (${accountId}::text IS NULL OR ${accountId} IN (t.debit_account_id, t.credit_account_id))
      AND (d.kind::text, c.kind::text) IS DISTINCT FROM (w.debit_kind, w.credit_kind)
    ORDER BY t.id
    LIMIT ${limit}`;
}
