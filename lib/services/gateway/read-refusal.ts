import { readUpstreamError, type UpstreamRefusal } from '@/lib/domain/upstream-error';
import { log } from '@/lib/platform/log';
import type { UpstreamAnswer } from '@/lib/platform/upstream/anthropic';
import { ERROR_BYTES_MAX, readAnswer } from './read-answer';

/** Reads an answer that is an error of the upstream, and rings where it is the operator's trouble. */
export async function readRefusal(upstream: UpstreamAnswer, requestId: string): Promise<UpstreamRefusal> {
  const { status } = upstream;
  const read = await readAnswer(upstream.body, ERROR_BYTES_MAX);
  const retryAfter = upstream.headers['retry-after'];
  const refusal = readUpstreamError(
    status,
    'bytes' in read ? read.bytes : Buffer.alloc(0),
    typeof retryAfter === 'string' ? retryAfter : undefined,
    requestId,
  );
  if (!refusal.passOn && refusal.alarm) {
    const what = "the upstream refused the operator's credential, balance or limits";
    log.error({ requestId, status, err: refusal.error }, what);
  }
  return refusal;
}
