export type IncomingHeaders = Readonly<Record<string, string | undefined>>;

const VERSION_DEFAULT = '2023-06-01';
/** Headers of the Messages API that would choose the upstream account's workspace or the profile that is billed, or that are for us alone. */
const NEVER_FORWARDED = new Set([
  'anthropic-workspace-id',
  'anthropic-user-profile-id',
  'anthropic-dangerous-direct-browser-access',
]);
/** Betas that bill somebody else than the credential's owner. */
const BILLING_BETA = /^user-profiles/;
/** RFC 9110 5.5: what a field value may not hold; a parser that let it in must not let it out. */
const NOT_IN_A_HEADER = /[^\t\u0020-\u007e\u0080-\u00ff]/;

/**
 * The headers that go upstream: an allow-list, so that credentials, cookies, origin, addresses and hop-by-hop fields
 * (RFC 9110 7.6.1) can't slip through. `anthropic-version` and `anthropic-beta` go as they came. An answer is asked for
 * uncompressed, because its bytes are passed on as they come.
 */
export function forwardedHeaders(incoming: IncomingHeaders): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json', 'accept-encoding': 'identity' };
  for (const [name, value] of Object.entries(incoming)) {
    if (
      !name.startsWith('anthropic-') ||
      NEVER_FORWARDED.has(name) ||
      value === undefined ||
      NOT_IN_A_HEADER.test(value)
    )
      continue;
    headers[name] = name === 'anthropic-beta' ? withoutBillingBetas(value) : value;
  }
  headers['anthropic-version'] ??= VERSION_DEFAULT;
  if (headers['anthropic-beta'] === '') delete headers['anthropic-beta'];
  return headers;
}

function withoutBillingBetas(value: string): string {
  const betas = value.split(',');
  if (!betas.some((beta) => BILLING_BETA.test(beta.trim()))) return value;
  return betas.filter((beta) => !BILLING_BETA.test(beta.trim())).join(',');
}
