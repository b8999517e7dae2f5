import { admitRequest } from './admit-request';
import type { Exchange } from './exchange';

/**
 * Counts a request that uses no tokens against the rate limits of its key and account, and notes their headers.
 * @throws AppError rate_limited
 */
export async function countRequest(exchange: Pick<Exchange, 'caller' | 'requestId' | 'answerHeaders'>): Promise<void> {
  const admitted = await admitRequest(exchange, { inputBytes: 0, maxTokens: 0 });
  admitted.release();
}
