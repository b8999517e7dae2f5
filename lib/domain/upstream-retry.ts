/** Tries of one request against the upstream, the first included. Clients retry too, so that few are enough. */
const TRIES_MAX = 3;
const FIRST_DELAY_MS = 250;
/** A longer wait is the client's to make: it knows its own patience. */
const RETRY_AFTER_MAX_MS = 2_000;
/** Answers that come before anything was generated and that another try may better. */
const RETRIED_STATUSES = new Set([408, 500, 502, 503, 529]);

/**
 * How long to wait before another try, or undefined when the answer stands. `tries` counts those made; `random` is in
 * [0, 1). Only before the first byte of an answer, so that nothing is generated twice; a 429 is tried again only where the
 * upstream says that a short wait will do.
 */
export function retryDelayMs(
  tries: number,
  failure: { status: number; retryAfter: string | undefined } | { unreachable: 'timeout' | 'connection' | 'aborted' },
  random: number,
): number | undefined {
  if (tries >= TRIES_MAX) return undefined;
  const backoffMs = FIRST_DELAY_MS * 2 ** (tries - 1) * (0.75 + random / 2);
  if ('unreachable' in failure) return failure.unreachable === 'connection' ? backoffMs : undefined;
  const askedMs = failure.retryAfter === undefined ? undefined : Number(failure.retryAfter) * 1_000;
  if (askedMs !== undefined && !(askedMs <= RETRY_AFTER_MAX_MS)) return undefined;
  if (failure.status === 429) return askedMs === undefined ? undefined : Math.max(askedMs, backoffMs);
  return RETRIED_STATUSES.has(failure.status) ? Math.max(askedMs ?? 0, backoffMs) : undefined;
}
