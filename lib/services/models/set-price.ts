import type { SetPrice } from '@/lib/contracts/price';
import { AppError } from '@/lib/domain/app-error';
import { newId } from '@/lib/domain/id';
import type { Price } from '@/lib/domain/price-book';
import { prisma } from '@/lib/platform/prisma';
import { resolveModels } from '@/lib/services/keys/resolve-models';
import { nextPrice } from './next-price';

/** How far the clock of whoever says "now" may be behind ours. */
const PAST_TOLERANCE_MS = 60_000;

/**
 * Adds a version to a model's prices; those before stay as they are, and so does what was charged with them. What is
 * left out follows from the version before (see nextPrice).
 * @throws AppError invalid_request for an unknown model, a date that is over or not after the newest version's, or a
 * cache price that can't be told exactly.
 */
export async function setPrice(modelName: string, changes: SetPrice): Promise<Price> {
  const [modelId = modelName] = await resolveModels([modelName]);
  const effectiveFrom = changes.effectiveFrom ?? new Date();
  if (effectiveFrom.getTime() < Date.now() - PAST_TOLERANCE_MS) {
    throw new AppError(
      'invalid_request',
      'A price can only change from now on: what was answered before is charged. Choose a later date.',
    );
  }
  return prisma().$transaction(async (tx) => {
    // Two operators at once: the second one builds on what the first one set.
    await tx.$queryRaw`SELECT 1 FROM models WHERE id = ${modelId} FOR NO KEY UPDATE`;
    const newest = await tx.modelPrice.findFirst({
      where: { modelId },
      orderBy: { effectiveFrom: 'desc' },
      omit: { createdAt: true },
    });
    if (newest && effectiveFrom <= newest.effectiveFrom) {
      throw new AppError(
        'invalid_request',
        `${modelId} has a price from ${newest.effectiveFrom.toISOString()} on. Choose a date after that.`,
      );
    }
    const price = { ...nextPrice(modelId, newest, changes), id: newId('price', Date.now()), modelId, effectiveFrom };
    await tx.modelPrice.create({ data: price });
    return price;
  });
}
