import { seededBase64 } from './ids';

const ORGANIZATION_ID = '5c6f1e0a-0000-4000-8000-000000000001';
const WORKSPACE_ID = 'wrkspc_01StandInUpstreamWorkspace';
const RESET_AFTER_MS = 60_000;

const LIMITS: Record<string, number> = {
  requests: 4000,
  tokens: 2_400_000,
  'input-tokens': 2_000_000,
  'output-tokens': 400_000,
};

/** What every answer of the real API carries, and what a gateway must not hand on. */
export function apiHeaders(requestId: string, nowMs: number): Record<string, string> {
  return {
    'request-id': requestId,
    'anthropic-organization-id': ORGANIZATION_ID,
    'anthropic-workspace-id': WORKSPACE_ID,
    'strict-transport-security': 'max-age=31536000; includeSubDomains; preload',
    'cf-cache-status': 'DYNAMIC',
    'cf-ray': `${Buffer.from(requestId).toString('hex').slice(8, 24)}-FRA`,
    'set-cookie': `__cf_bm=${seededBase64(requestId, 24)}; path=/; HttpOnly; Secure; SameSite=None`,
    'server-timing': 'proxy;dur=12',
    server: 'cloudflare',
    via: '1.1 google',
    'x-robots-tag': 'none',
    ...rateLimitHeaders(nowMs),
  };
}

function rateLimitHeaders(nowMs: number): Record<string, string> {
  const reset = new Date(nowMs + RESET_AFTER_MS).toISOString().replace(/\.\d+Z$/, 'Z');
  const lines = Object.entries(LIMITS).flatMap(([name, limit]) => [
    [`anthropic-ratelimit-${name}-limit`, String(limit)],
    [`anthropic-ratelimit-${name}-remaining`, String(limit - (name === 'requests' ? 1 : 1000))],
    [`anthropic-ratelimit-${name}-reset`, reset],
  ]);
  return Object.fromEntries(lines) as Record<string, string>;
}
