import { parseModelsQuery } from '@/lib/contracts/models';
import { pageModels } from '@/lib/domain/model-info';
import { currentPriceBook } from '@/lib/platform/price-book-store';
import type { Exchange } from './exchange';
import { replyJson } from './reply-json';

/** Serves GET /v1/models: the models that this key may call now, in the Messages API's pages. @throws AppError invalid_request */
export async function listModels(exchange: Exchange): Promise<void> {
  const { caller, query, startedAt } = exchange;
  const page = parseModelsQuery(query);
  const book = await currentPriceBook();
  const allowed = book
    .offeredAt(startedAt)
    .filter(({ id }) => caller.allowedModels.length === 0 || caller.allowedModels.includes(id));
  replyJson(exchange, pageModels(allowed, page));
}
