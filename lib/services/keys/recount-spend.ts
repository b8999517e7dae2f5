import type { Transaction } from '@/lib/platform/transaction';

/**
 * Counts a key's spending anew for the period its limit has now: the present window, and those that open holds were
 * placed in. The caller has locked the account, and changed the key, in the same transaction.
 */
export async function recountSpend(tx: Transaction, keyId: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE holds h SET window_start = limit_window_start(k.limit_period, h.created_at)
    FROM api_keys k WHERE k.id = ${keyId} AND h.key_id = k.id`;
  await tx.$executeRaw`DELETE FROM key_spend WHERE key_id = ${keyId}`;
  // Every window starts and ends on a full hour, so the hourly sums are exact.
  await tx.$executeRaw`
    INSERT INTO key_spend (key_id, window_start, spent_nano, pending_nano)
    SELECT k.id, w.window_start,
      (SELECT COALESCE(sum(u.amount_nano), 0) FROM usage_hourly u
        WHERE u.key_id = k.id AND limit_window_start(k.limit_period, u.hour) = w.window_start AND u.hour >= w.window_start),
      (SELECT COALESCE(sum(h.amount_nano), 0) FROM holds h WHERE h.key_id = k.id AND h.window_start = w.window_start)
    FROM api_keys k
    CROSS JOIN LATERAL (
      SELECT limit_window_start(k.limit_period, now()) AS window_start
      UNION
      SELECT h.window_start FROM holds h WHERE h.key_id = k.id
    ) w
    WHERE k.id = ${keyId} AND w.window_start IS NOT NULL`;
}
