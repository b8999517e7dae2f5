/** The paths of the API, without `/v1`: what clients reach under several spellings. */
const RESOURCE = /^\/(messages(?:\/count_tokens)?|models(?:\/[^/]+)?)$/;
const API_PREFIXES = /^(?:\/v1)+(?=\/|$)/;

/**
 * Brings a request's URL (path and query) to the one spelling that is routed. Tools built on the official SDKs append
 * `/v1/messages` to a base URL, tools built on others append `/messages` to a base that should end in `/v1`; people mix
 * them up. So `/v1/X`, `/X`, `/v1/v1/X` and doubled or trailing slashes all mean `/v1/X`, without a redirect, which would
 * cost a POST its body. Escapes that stand for nothing are escaped themselves, so that such a path is answered as any that
 * is not there. Other URLs come back as they are.
 */
export function normaliseGatewayPath(url: string): string {
  const queryAt = url.indexOf('?');
  const path = queryAt === -1 ? url : url.slice(0, queryAt);
  if (/^\/v1\/[a-z_/]+$/.test(path) && !path.includes('//') && !path.startsWith('/v1/v1') && !path.endsWith('/'))
    return url;
  const collapsed = path.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
  const resource = collapsed.replace(API_PREFIXES, '');
  const query = queryAt === -1 ? '' : url.slice(queryAt);
  if (RESOURCE.test(resource)) return `/v1${decodable(resource)}${query}`;
  return collapsed.startsWith('/v1/') || collapsed === '/v1' ? decodable(collapsed) + query : url;
}

function decodable(path: string): string {
  if (!path.includes('%')) return path;
  try {
    decodeURIComponent(path);
    return path;
  } catch {
    return path.replaceAll('%', '%25');
  }
}
