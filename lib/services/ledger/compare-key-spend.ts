import type { LedgerDifference } from '@/lib/contracts/ledger';
import type { Transaction } from '@/lib/platform/transaction';

/** What a key with a limit has spent and holds in a window equals the usage and the holds of that window. */
export function compareKeySpend(tx: Transaction, accountId: string | null, limit: number): Promise<LedgerDifference[]> {
  return tx.$queryRaw<LedgerDifference[]>`
    SELECT 'key_spend_equals_usage' AS "check", concat_ws(' ', s.key_id, s.window_start) AS subject,
      CASE WHEN k.limit_period IS NULL THEN 'no row: the key has no limit'
        ELSE format('spent %s, pending %s', u.spent, h.pending) END AS expected,
      format('spent %s, pending %s', s.spent_nano, s.pending_nano) AS found
    FROM key_spend s
    LEFT JOIN api_keys k ON k.id = s.key_id
    CROSS JOIN LATERAL (
      SELECT COALESCE(sum(u.amount_nano), 0) AS spent FROM usage u
      WHERE u.key_id = s.key_id AND u.created_at >= s.window_start
        AND u.created_at < CASE k.limit_period WHEN 'total' THEN 'infinity'::timestamptz
          ELSE s.window_start + ('1 ' || k.limit_period)::interval END
    ) u
    CROSS JOIN LATERAL (
      SELECT COALESCE(sum(h.amount_nano), 0) AS pending FROM holds h
      WHERE h.key_id = s.key_id AND h.window_start = s.window_start
    ) h
    WHERE (${accountId}::text IS NULL OR k.account_id = ${accountId})
      AND (k.limit_period IS NULL OR (s.spent_nano, s.pending_nano) IS DISTINCT FROM (u.spent, h.pending))
    LIMIT ${limit}`;
}
