import type { LimitPeriod, UpdateKey } from '@/lib/contracts/key';
import { givenRateLimits } from '@/lib/contracts/rate-limits';
import { AppError } from '@/lib/domain/app-error';
import { prisma } from '@/lib/platform/prisma';
import { findKey } from './find-key';
import { recountSpend } from './recount-spend';
import { resolveModels } from './resolve-models';

/**
 * Changes a key's name, expiry, allowed models, rate limits or spend limit; what is left out stays. A limit that is set, taken away
 * or given another period counts everything its window has seen, running requests included.
 * @throws AppError not_found for an unknown key; invalid_request for a revoked one, an unknown model, or a period without a limit.
 */
export async function updateKey(keyId: string, changes: UpdateKey): Promise<{ id: string }> {
  const { accountId, revokedAt } = await findKey(keyId);
  if (revokedAt !== null) {
    throw new AppError('invalid_request', `Key ${keyId} was revoked, which is for good. Create a new key instead.`);
  }
  const allowedModels = changes.allowedModels && (await resolveModels(changes.allowedModels));
  await prisma().$transaction(async (tx) => {
    // The lock that every hold and settlement takes first: none of them sees the limit half changed.
    await tx.$queryRaw`SELECT 1 FROM accounts WHERE id = ${accountId} FOR NO KEY UPDATE`;
    const before = await tx.apiKey.findUniqueOrThrow({
      where: { id: keyId },
      select: { limitNano: true, limitPeriod: true },
    });
    const limit = nextLimit(before, changes);
    await tx.apiKey.update({
      where: { id: keyId },
      data: {
        ...(changes.name === undefined ? {} : { name: changes.name }),
        ...(changes.expiresAt === undefined ? {} : { expiresAt: changes.expiresAt }),
        ...(allowedModels === undefined ? {} : { allowedModels }),
        ...givenRateLimits(changes),
        ...limit,
      },
    });
    if (limit.limitPeriod !== before.limitPeriod) await recountSpend(tx, keyId);
  });
  return { id: keyId };
}

type Limit = { limitNano: bigint | null; limitPeriod: LimitPeriod | null };

function nextLimit(before: Limit, changes: UpdateKey): Limit {
  const limitNano = changes.limitNano === undefined ? before.limitNano : changes.limitNano;
  if (limitNano !== null) return { limitNano, limitPeriod: changes.limitPeriod ?? before.limitPeriod ?? 'total' };
  if (changes.limitPeriod !== undefined) {
    throw new AppError(
      'invalid_request',
      'This key has no spend limit, so it can have no period. Give a limit as well.',
    );
  }
  return { limitNano: null, limitPeriod: null };
}
