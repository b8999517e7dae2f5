const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/**
 * Path and query of an HTTP request target (RFC 9112 3.2). A client that takes us for a proxy sends a whole URL, which a
 * server must accept: its scheme and authority are left out, so that nothing behind us ever takes them for a place to go
 * to. Undefined for a target without a path, such as `*`.
 */
export function originForm(target: string): string | undefined {
  if (target.startsWith('/')) return target;
  const authority = ABSOLUTE.exec(target)?.[0];
  if (authority === undefined) return undefined;
  const rest = target.slice(authority.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}
