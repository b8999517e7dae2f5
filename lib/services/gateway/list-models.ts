import { parseModelsQuery } from '@/lib/contracts/models';
import { pageModels } from '@/lib/domain/model-info';
import { currentPriceBook } from '@/lib/platform/price-book-store';
import { countRequest } from './count-request';
import type { Exchange } from './exchange';
import { replyBytes } from './reply-bytes';

/** Serves GET /v1/models: the models that this key may call now, in pages. @throws AppError invalid_request, rate_limited */
export async function listModels(exchange: Exchange): Promise<void> {
  await countRequest(exchange);
  const { caller, query, startedAt } = exchange;
  const page = parseModelsQuery(query);
  const book = await currentPriceBook();
  const allowed = book
    .offeredAt(startedAt)
    .filter(({ id }) => caller.allowedModels.length === 0 || caller.allowedModels.includes(id));
  replyBytes(exchange, 200, Buffer.from(JSON.stringify(pageModels(allowed, page))));
}
