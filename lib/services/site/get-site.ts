import type { OfferedPrice, Site } from '@/lib/contracts/site';
import { formatUsd } from '@/lib/domain/money';
import { env } from '@/lib/platform/env';
import { currentPriceBook } from '@/lib/platform/price-book-store';

/** What the public pages say of this deployment: its address, and the prices in force. */
export async function getSite(): Promise<Site> {
  const book = await currentPriceBook();
  const now = new Date();
  const prices = book.offeredAt(now).flatMap(({ id }): OfferedPrice[] => {
    const price = book.findPrice(id, now);
    if (!price) return [];
    return [
      {
        model: id,
        inputUsd: formatUsd(price.inputNano),
        outputUsd: formatUsd(price.outputNano),
        cacheWriteUsd: formatUsd(price.cacheWrite5mNano),
        cacheReadUsd: formatUsd(price.cacheReadNano),
      },
    ];
  });
  return { baseUrl: env().PUBLIC_URL.replace(/\/$/, ''), prices };
}
