import type { LedgerDifference } from '@/lib/contracts/ledger';
import type { Transaction } from '@/lib/platform/transaction';

/** An open hold belongs to a customer and one of its keys, is not settled yet, and counts in its key's window. */
export function compareHolds(tx: Transaction, accountId: string | null, limit: number): Promise<LedgerDifference[]> {
  return tx.$queryRaw<LedgerDifference[]>`
    SELECT found."check", found.subject, found.expected, found.found
    FROM (
      SELECT h.account_id, 'hold_has_an_owner' AS "check", h.request_id AS subject,
        'a customer and a key of its own' AS expected, format('account %s, key %s', h.account_id, h.key_id) AS found
      FROM holds h
      LEFT JOIN api_keys k ON k.id = h.key_id AND k.account_id = h.account_id
      LEFT JOIN accounts a ON a.id = h.account_id AND a.kind = 'customer'
      WHERE k.id IS NULL OR a.id IS NULL
      UNION ALL
      SELECT h.account_id, 'hold_is_settled_once', h.request_id, 'a hold or a usage row', 'both'
      FROM holds h JOIN usage u ON u.request_id = h.request_id
      UNION ALL
      SELECT h.account_id, 'hold_counts_in_its_window', h.request_id,
        COALESCE(limit_window_start(k.limit_period, h.created_at)::text, 'no window'),
        CASE WHEN h.window_start IS NULL THEN 'no window'
          ELSE h.window_start::text || CASE WHEN s.key_id IS NULL THEN ', which the key has no sum for' ELSE '' END END
      FROM holds h
      JOIN api_keys k ON k.id = h.key_id
      LEFT JOIN key_spend s ON s.key_id = h.key_id AND s.window_start = h.window_start
      WHERE h.window_start IS DISTINCT FROM limit_window_start(k.limit_period, h.created_at)
        OR (h.window_start IS NOT NULL AND s.key_id IS NULL)
    ) found
    WHERE ${accountId}::text IS NULL OR found.account_id = ${accountId}
    LIMIT ${limit}`;
}
