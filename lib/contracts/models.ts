import { z } from 'zod';
import { AppError } from '@/lib/domain/app-error';

const querySchema = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(20),
  after_id: z.string().min(1).optional(),
  before_id: z.string().min(1).optional(),
});

/** Reads the paging of GET /v1/models. @throws AppError invalid_request */
export function parseModelsQuery(query: URLSearchParams): {
  limit: number;
  afterId: string | undefined;
  beforeId: string | undefined;
} {
  const parsed = querySchema.safeParse(Object.fromEntries(query));
  if (!parsed.success)
    throw new AppError(
      'invalid_request',
      'limit: Input should be an integer from 1 to 1000; after_id and before_id: the id of a model',
    );
  return { limit: parsed.data.limit, afterId: parsed.data.after_id, beforeId: parsed.data.before_id };
}
