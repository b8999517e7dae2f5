import type { LedgerDifference } from '@/lib/contracts/ledger';
import type { Transaction } from '@/lib/platform/transaction';

/** Every hour's sums equal the usage rows of that hour, by account, key and model. */
export function compareRollups(tx: Transaction, accountId: string | null, limit: number): Promise<LedgerDifference[]> {
  return tx.$queryRaw<LedgerDifference[]>`
    SELECT 'hour_equals_usage' AS "check",
      concat_ws(' ', account_id, key_id, model, to_char(hour, 'YYYY-MM-DD"T"HH24:MI"Z"')) AS subject,
      COALESCE(u.sums::text, 'no row') AS expected, COALESCE(h.sums::text, 'no row') AS found
    FROM (
      SELECT account_id, key_id, model, date_trunc('hour', created_at, 'UTC') AS hour,
        ARRAY[count(*), sum(input_tokens), sum(output_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens),
          sum(cache_read_tokens), sum(web_search_requests), sum(amount_nano)]::numeric[] AS sums
      FROM usage WHERE ${accountId}::text IS NULL OR account_id = ${accountId}
      GROUP BY 1, 2, 3, 4
    ) u
    FULL JOIN (
      SELECT account_id, key_id, model, hour,
        ARRAY[requests, input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
          cache_read_tokens, web_search_requests, amount_nano]::numeric[] AS sums
      FROM usage_hourly WHERE ${accountId}::text IS NULL OR account_id = ${accountId}
    ) h USING (account_id, key_id, model, hour)
    WHERE u.sums IS DISTINCT FROM h.sums
    LIMIT ${limit}`;
}
