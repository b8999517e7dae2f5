import type { UpstreamAnswer } from '@/lib/platform/upstream/anthropic';

const ID_LENGTH_MAX = 200;

/** The upstream's own id of a request, for the operator's questions to its support; never shown to the client. */
export function upstreamRequestId(answer: UpstreamAnswer): string | null {
  const id = answer.headers['request-id'];
  return typeof id === 'string' ? id.slice(0, ID_LENGTH_MAX) : null;
}
