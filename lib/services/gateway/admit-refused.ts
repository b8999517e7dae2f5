import { AppError } from '@/lib/domain/app-error';
import { countRequest } from './count-request';
import type { Exchange } from './exchange';

/**
 * Counts a request that was refused before the rate limits saw it as one request of its key, so that its answer carries
 * their headers too, and a client that sends nothing but refused requests meets the limit like any other. Gives the
 * refusal to answer with. Never throws.
 */
export async function admitRefused(
  exchange: Pick<Exchange, 'caller' | 'requestId' | 'answerHeaders'>,
  refusal: AppError,
): Promise<AppError> {
  if ('anthropic-ratelimit-requests-limit' in exchange.answerHeaders) return refusal;
  try {
    await countRequest(exchange);
    return refusal;
  } catch (error) {
    return error instanceof AppError ? error : refusal;
  }
}
