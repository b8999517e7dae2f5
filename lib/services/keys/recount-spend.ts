import type { Transaction } from '@/lib/platform/transaction';

/**
 * Counts a key's spending anew for the period its limit has now, in every window that has seen a request. The caller has
 * locked the account, and changed the key, in the same transaction. Without a limit nothing is counted.
 */
export async function recountSpend(tx: Transaction, keyId: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE holds h SET window_start = limit_window_start(k.limit_period, h.created_at)
    FROM api_keys k WHERE k.id = ${keyId} AND h.key_id = k.id`;
  await tx.$executeRaw`DELETE FROM key_spend WHERE key_id = ${keyId}`;
  // Every window starts and ends on a full hour, so the hourly sums are exact. Windows that are over count as well: a
  // request that began in one of them may still be on its way to its hold.
  await tx.$executeRaw`
    INSERT INTO key_spend (key_id, window_start, spent_nano, pending_nano)
    SELECT k.id, w.window_start, sum(w.spent_nano), sum(w.pending_nano)
    FROM api_keys k
    CROSS JOIN LATERAL (
      SELECT limit_window_start(k.limit_period, u.hour) AS window_start, u.amount_nano AS spent_nano, 0 AS pending_nano
      FROM usage_hourly u WHERE u.key_id = k.id
      UNION ALL
      SELECT h.window_start, 0, h.amount_nano FROM holds h WHERE h.key_id = k.id
    ) w
    WHERE k.id = ${keyId} AND w.window_start IS NOT NULL
    GROUP BY k.id, w.window_start`;
}
