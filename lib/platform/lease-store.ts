import { database } from './database';
import { instanceId } from './instance';

/** A holder that dies amid its work is followed after this long; no loop's work takes near it. */
const LEASE_SECONDS = 60;

/**
 * Does the work if this process gets the lease of that name, else nothing. Gives it the fencing token, which grows each
 * time the lease changes hands, for work whose writes must be refused once another holder has taken over.
 */
export async function withLease(name: string, work: (token: bigint) => Promise<void>): Promise<void> {
  const { rows } = await database().query<{ token: string }>(
    `INSERT INTO leases AS l (name, holder, token, expires_at) VALUES ($1, $2, 1, now() + $3 * interval '1 second')
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at,
       token = l.token + CASE WHEN l.holder = excluded.holder THEN 0 ELSE 1 END
     WHERE l.holder = excluded.holder OR l.expires_at < now()
     RETURNING l.token`,
    [name, instanceId(), LEASE_SECONDS],
  );
  const [lease] = rows;
  if (lease) await work(BigInt(lease.token));
}
