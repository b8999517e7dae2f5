import type { CatalogueModel } from './price-book';
import { asObject } from './usage';

/** A page of models, as the Messages API lists them. */
export type ModelPage = {
  data: Record<string, unknown>[];
  has_more: boolean;
  first_id: string | null;
  last_id: string | null;
};

/** A model as GET /v1/models tells it. Clients refuse a whole list for one missing name or limit, so these are never null. */
export function modelInfo(model: CatalogueModel): Record<string, unknown> {
  const own = {
    type: 'model',
    id: model.id,
    display_name: model.displayName,
    created_at: model.releasedAt.toISOString().replace('.000Z', 'Z'),
    max_input_tokens: model.maxInputTokens,
    max_tokens: model.maxTokens,
  };
  // Its own fields come first and win, whatever stands in the details.
  return { ...own, ...asObject(model.details), ...own };
}

/**
 * One page of a list. A cursor that names no model gives an empty page, as its neighbours are unknown.
 * `limit` is in 1..1000.
 */
export function pageModels(
  models: readonly CatalogueModel[],
  page: { limit: number; afterId: string | undefined; beforeId: string | undefined },
): ModelPage {
  const indexOf = (id: string): number => models.findIndex((model) => model.id === id || model.aliases.includes(id));
  let candidates = models;
  if (page.afterId !== undefined) {
    const at = indexOf(page.afterId);
    candidates = at === -1 ? [] : models.slice(at + 1);
  } else if (page.beforeId !== undefined) {
    candidates = models.slice(0, Math.max(0, indexOf(page.beforeId)));
  }
  const backwards = page.afterId === undefined && page.beforeId !== undefined;
  const shown = backwards ? candidates.slice(-page.limit) : candidates.slice(0, page.limit);
  return {
    data: shown.map(modelInfo),
    has_more: shown.length < candidates.length,
    first_id: shown.at(0)?.id ?? null,
    last_id: shown.at(-1)?.id ?? null,
  };
}
