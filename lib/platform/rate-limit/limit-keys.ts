import type { AdmitRequest } from './limiter';

export type ScopedRequest = Pick<AdmitRequest, 'key' | 'account'>;

/**
 * The names in Redis of a request's buckets: its key's, its account's. The account in braces is Redis Cluster's mark for
 * "keep these together", which a script over several names needs there.
 */
export function bucketKeys(request: ScopedRequest): [key: string, account: string] {
  const prefix = `saverouter:rate:{${request.account.id}}`;
  return [`${prefix}:key:${request.key.id}`, `${prefix}:account`];
}

/** The names of the sorted sets in which a request's key and account hold their leases. */
export function leaseKeys(request: ScopedRequest): [key: string, account: string] {
  const [key, account] = bucketKeys(request);
  return [`${key}:running`, `${account}:running`];
}
