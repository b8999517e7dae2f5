import type { CreateKey } from '@/lib/contracts/key';
import { givenRateLimits } from '@/lib/contracts/rate-limits';
import { generateApiKey, hashApiKey, maskApiKey } from '@/lib/domain/api-key';
import { newId } from '@/lib/domain/id';
import { env } from '@/lib/platform/env';
import { prisma } from '@/lib/platform/prisma';
import { getAccount } from '@/lib/services/accounts/get-account';
import { resolveModels } from './resolve-models';

/**
 * Makes a key for an account. The key itself is in this answer and nowhere else: the database keeps its hash.
 * @throws AppError not_found for an unknown account; invalid_request for an unknown model.
 */
export async function createKey(input: CreateKey): Promise<{ id: string; key: string }> {
  const account = await getAccount(input.accountId);
  const allowedModels = await resolveModels(input.allowedModels ?? []);
  const key = generateApiKey();
  const id = newId('key', Date.now());
  await prisma().apiKey.create({
    data: {
      id,
      accountId: account.id,
      name: input.name ?? '',
      hash: Uint8Array.from(hashApiKey(key, env().KEY_PEPPER)),
      ...maskApiKey(key),
      limitNano: input.limitNano ?? null,
      limitPeriod: input.limitNano === undefined ? null : (input.limitPeriod ?? 'total'),
      allowedModels,
      expiresAt: input.expiresAt ?? null,
      ...givenRateLimits(input),
    },
  });
  return { id, key };
}
