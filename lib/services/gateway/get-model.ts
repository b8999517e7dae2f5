import { modelInfo } from '@/lib/domain/model-info';
import { countRequest } from './count-request';
import type { Exchange } from './exchange';
import { findOffer } from './find-offer';
import { replyBytes } from './reply-bytes';

/** Serves GET /v1/models/{id}, by id or alias. @throws AppError not_found, forbidden or rate_limited */
export async function getModel(exchange: Exchange): Promise<void> {
  await countRequest(exchange);
  const { model } = await findOffer(exchange.params['id'] ?? '', exchange.caller, exchange.startedAt);
  replyBytes(exchange, 200, Buffer.from(JSON.stringify(modelInfo(model))));
}
