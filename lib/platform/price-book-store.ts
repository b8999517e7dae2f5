import { PriceBook, type CatalogueModel, type Price } from '@/lib/domain/price-book';
import { database } from './database';
import { log } from './log';
import { onNotice } from './notices';
import { once } from './once';

/** A change is announced at once; this bounds how long a lost notice can matter. */
const REFRESH_AFTER_MS = 60_000;

type Cache = {
  book: PriceBook | undefined;
  loadedAtMs: number;
  loading: Promise<PriceBook> | undefined;
  generation: number;
};

/** The price book, from memory after the first read. A stale one serves while a new one is read. */
export function currentPriceBook(): PriceBook | Promise<PriceBook> {
  const cache = once('price-book', makeCache);
  if (cache.book && Date.now() - cache.loadedAtMs < REFRESH_AFTER_MS) return cache.book;
  const loading = (cache.loading ??= load(cache));
  if (!cache.book) return loading;
  loading.catch((error: unknown) =>
    log.warn({ err: error }, 'could not refresh the price book; the last one serves on'),
  );
  return cache.book;
}

function makeCache(): Cache {
  const cache: Cache = { book: undefined, loadedAtMs: 0, loading: undefined, generation: 0 };
  onNotice('price_book_changed', () => {
    cache.generation += 1;
    cache.loadedAtMs = 0;
  });
  return cache;
}

async function load(cache: Cache): Promise<PriceBook> {
  const { generation } = cache;
  try {
    const [models, prices] = await Promise.all([
      database().query<ModelRow>('SELECT * FROM models ORDER BY position, id'),
      database().query<PriceRow>('SELECT * FROM model_prices'),
    ]);
    cache.book = new PriceBook(models.rows.map(toModel), prices.rows.map(toPrice));
    // A change that was announced while reading makes the next call read again.
    cache.loadedAtMs = generation === cache.generation ? Date.now() : 0;
    return cache.book;
  } finally {
    cache.loading = undefined;
  }
}

type ModelRow = {
  id: string;
  display_name: string;
  aliases: string[];
  max_input_tokens: number;
  max_tokens: number;
  released_at: Date;
  details: unknown;
};
type PriceRow = {
  id: string;
  model_id: string;
  effective_from: Date;
  input_nano: string;
  output_nano: string;
  cache_write_5m_nano: string;
  cache_write_1h_nano: string;
  cache_read_nano: string;
  web_search_nano: string;
  fast_percent: number | null;
  us_percent: number;
  batch_percent: number;
};

function toModel(row: ModelRow): CatalogueModel {
  return {
    id: row.id,
    displayName: row.display_name,
    aliases: row.aliases,
    maxInputTokens: row.max_input_tokens,
    maxTokens: row.max_tokens,
    releasedAt: row.released_at,
    details: row.details,
  };
}

function toPrice(row: PriceRow): Price {
  return {
    id: row.id,
    modelId: row.model_id,
    effectiveFrom: row.effective_from,
    inputNano: BigInt(row.input_nano),
    outputNano: BigInt(row.output_nano),
    cacheWrite5mNano: BigInt(row.cache_write_5m_nano),
    cacheWrite1hNano: BigInt(row.cache_write_1h_nano),
    cacheReadNano: BigInt(row.cache_read_nano),
    webSearchNano: BigInt(row.web_search_nano),
    fastPercent: row.fast_percent,
    usPercent: row.us_percent,
    batchPercent: row.batch_percent,
  };
}
