import { database } from '@/lib/platform/database';
import { log } from '@/lib/platform/log';
import { currentPriceBook } from '@/lib/platform/price-book-store';

export type Health = { ok: boolean; database: 'up' | 'down'; models: number };

/** Whether this process can serve: its database answers and there are models with prices. */
export async function checkHealth(): Promise<Health> {
  try {
    await database().query('SELECT 1');
    const book = await currentPriceBook();
    const models = book.offeredAt(new Date()).length;
    return { ok: models > 0, database: 'up', models };
  } catch (error) {
    log.warn({ err: error }, 'the health check failed');
    return { ok: false, database: 'down', models: 0 };
  }
}
