import { AppError } from '@/lib/domain/app-error';
import type { CatalogueModel, Price, PriceBook } from '@/lib/domain/price-book';
import { currentPriceBook } from '@/lib/platform/price-book-store';
import type { Caller } from '../keys/authenticate-key';

export type Offer = { book: PriceBook; model: CatalogueModel; price: Price };

/**
 * Finds the model that a request names, by id or alias, with its price in force. Never another model in its place.
 * @throws AppError not_found, naming the models there are; forbidden when the key may not use this one.
 */
export async function findOffer(name: string, caller: Caller, at: Date): Promise<Offer> {
  const book = await currentPriceBook();
  const model = book.findModel(name);
  const price = model && book.findPrice(model.id, at);
  if (!model || !price) {
    const offered = book.offeredAt(at).map(({ id }) => id);
    throw new AppError('not_found', `model: ${name.slice(0, 100)}. Available on SaveRouter: ${offered.join(', ')}`);
  }
  if (caller.allowedModels.length > 0 && !caller.allowedModels.includes(model.id)) {
    throw new AppError(
      'forbidden',
      `This key may not use ${model.id}. It is limited to ${caller.allowedModels.join(', ')}; use one of these, or change the key in the dashboard.`,
      { headers: { 'x-should-retry': 'false' } },
    );
  }
  return { book, model, price };
}
