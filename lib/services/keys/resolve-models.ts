import { AppError } from '@/lib/domain/app-error';
import { prisma } from '@/lib/platform/prisma';

/**
 * The ids of models that are named by id or alias: what a key's list of allowed models holds.
 * @throws AppError invalid_request for a name that is no model's, with the names there are.
 */
export async function resolveModels(names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const models = await prisma().model.findMany({ select: { id: true, aliases: true }, orderBy: { position: 'asc' } });
  const ids = names.map((name) => {
    const model = models.find(({ id, aliases }) => id === name || aliases.includes(name));
    if (model) return model.id;
    const known = models.map(({ id }) => id).join(', ');
    throw new AppError('invalid_request', `There is no model "${name}". The models are: ${known}.`);
  });
  return [...new Set(ids)];
}
