import { ERRORS, type AppError } from '@/lib/domain/app-error';
import type { Ending } from '@/lib/domain/ending';

/** Thrown when a request that holds money ends before its client was sent anything: the ending, and what the client is told. */
export class EndedUnanswered extends Error {
  readonly ending: Ending;
  readonly refusal: AppError;
  readonly upstreamRequestId: string | null;

  constructor(ending: Ending, refusal: AppError, upstreamRequestId: string | null = null) {
    super(refusal.message, { cause: refusal });
    this.name = 'EndedUnanswered';
    this.ending = ending;
    this.refusal = refusal;
    this.upstreamRequestId = upstreamRequestId;
  }

  get status(): number {
    return ERRORS[this.refusal.kind].status;
  }
}
