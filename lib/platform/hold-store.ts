import { database } from './database';

export type OrphanedHold = {
  requestId: string;
  createdAt: Date;
  accountId: string;
  keyId: string;
  model: string;
  stream: boolean;
};

/** Holds whose process has not been seen for `silentMs`, oldest first, at most `limit`. */
export async function findOrphanedHolds(silentMs: number, limit: number): Promise<OrphanedHold[]> {
  const { rows } = await database().query<OrphanRow>(
    `SELECT h.request_id, h.created_at, h.account_id, h.key_id, h.model, h.stream
     FROM holds h LEFT JOIN instances i ON i.id = h.instance_id
     WHERE i.id IS NULL OR i.seen_at < now() - $1 * interval '1 millisecond'
     ORDER BY h.created_at LIMIT $2`,
    [silentMs, limit],
  );
  return rows.map((row) => ({
    requestId: row.request_id,
    createdAt: row.created_at,
    accountId: row.account_id,
    keyId: row.key_id,
    model: row.model,
    stream: row.stream,
  }));
}

/** The processes that were seen within `silentMs`. */
export async function findLivingInstances(silentMs: number): Promise<Set<string>> {
  const { rows } = await database().query<{ id: string }>(
    `SELECT id FROM instances WHERE seen_at >= now() - $1 * interval '1 millisecond'`,
    [silentMs],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Forgets processes that are long gone and hold nothing. */
export async function forgetInstances(): Promise<void> {
  await database().query(
    `DELETE FROM instances i WHERE i.seen_at < now() - interval '1 day' AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.instance_id = i.id)`,
  );
}

/** Makes the months that usage will be written to. */
export async function ensureUsagePartitions(): Promise<void> {
  await database().query('SELECT ensure_usage_partitions()');
}

/** Forgets the threads that the upstream no longer keeps either. */
export async function forgetThreadMessages(keptDays: number): Promise<void> {
  await database().query(`DELETE FROM thread_messages WHERE created_at < now() - $1 * interval '1 day'`, [keptDays]);
}

type OrphanRow = {
  request_id: string;
  created_at: Date;
  account_id: string;
  key_id: string;
  model: string;
  stream: boolean;
};
