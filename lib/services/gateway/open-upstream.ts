import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '@/lib/domain/app-error';
import { retryDelayMs } from '@/lib/domain/upstream-retry';
import { log } from '@/lib/platform/log';
import { closeSoon } from './close-soon';
import {
  sendUpstream,
  UpstreamUnreachable,
  type UpstreamAnswer,
  type UpstreamRequest,
} from '@/lib/platform/upstream/anthropic';

/**
 * Sends a request upstream and tries again, a few times and only while nothing of an answer has come.
 * @throws AppError upstream_unreachable or upstream_timeout; UpstreamUnreachable `aborted` when the signal was.
 */
export async function openUpstream(request: UpstreamRequest): Promise<UpstreamAnswer> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await attempt(request);
    const delayMs = retryDelayMs(tries, outcome.failure ?? { status: 200, retryAfter: undefined }, Math.random());
    if (delayMs === undefined || request.signal.aborted) {
      if (outcome.answer) return outcome.answer;
      throw outcome.error.reason === 'aborted' ? outcome.error : unreachable(outcome.error);
    }
    if (outcome.answer) closeSoon(outcome.answer.body);
    log.debug({ tries, delayMs }, 'trying the upstream again');
    await wait(delayMs, undefined, { signal: request.signal }).catch(() => undefined);
  }
}

type Failure = { status: number; retryAfter: string | undefined } | { unreachable: UpstreamUnreachable['reason'] };
type Attempt =
  | { answer: UpstreamAnswer; failure: Failure | undefined }
  | { answer: undefined; error: UpstreamUnreachable; failure: Failure };

async function attempt(request: UpstreamRequest): Promise<Attempt> {
  try {
    const answer = await sendUpstream(request);
    const retryAfter = answer.headers['retry-after'];
    const failure =
      answer.status === 200
        ? undefined
        : { status: answer.status, retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined };
    return { answer, failure };
  } catch (error) {
    if (!(error instanceof UpstreamUnreachable)) throw error;
    return { answer: undefined, error, failure: { unreachable: error.reason } };
  }
}

function unreachable(error: UpstreamUnreachable): AppError {
  return error.reason === 'timeout'
    ? new AppError(
        'upstream_timeout',
        'The model provider did not begin to answer in time. Nothing was charged; retry, or stream long answers.',
        { cause: error },
      )
    : new AppError(
        'upstream_unreachable',
        'The model provider cannot be reached just now. Nothing was charged; retry with exponential backoff.',
        { cause: error },
      );
}
