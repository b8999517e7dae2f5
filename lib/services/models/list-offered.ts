import { PriceBook, type CatalogueModel, type Price } from '@/lib/domain/price-book';
import { prisma } from '@/lib/platform/prisma';

export type OfferedModel = Omit<CatalogueModel, 'details'> & {
  price: Price;
  /** The version that follows, when one is set already. */
  nextPrice: Price | null;
};

/** The models that can be called now, as they are to be shown, with the price in force and the one to come. */
export async function listOffered(): Promise<OfferedModel[]> {
  const [models, prices] = await Promise.all([
    prisma().model.findMany({ omit: { position: true }, orderBy: [{ position: 'asc' }, { id: 'asc' }] }),
    prisma().modelPrice.findMany({ omit: { createdAt: true }, orderBy: { effectiveFrom: 'asc' } }),
  ]);
  const now = new Date();
  const book = new PriceBook(models, prices);
  return book.offeredAt(now).flatMap(({ details: _, ...model }) => {
    const price = book.findPrice(model.id, now);
    const nextPrice = prices.find(({ modelId, effectiveFrom }) => modelId === model.id && effectiveFrom > now) ?? null;
    return price ? [{ ...model, price, nextPrice }] : [];
  });
}
