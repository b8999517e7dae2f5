/**
 * The address a request comes from, for counting by address. Each proxy of ours appends to `x-forwarded-for` whom it
 * heard from, so with n trusted proxies the n-th entry from the right is true, and anything further left is a claim of
 * the client's. With none the header counts for nothing.
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, trustedProxies: number): string {
  if (trustedProxies === 0 || forwardedFor === undefined) return peer;
  const entries = forwardedFor.split(',').map((entry) => entry.trim());
  return entries.at(-trustedProxies) || peer;
}
