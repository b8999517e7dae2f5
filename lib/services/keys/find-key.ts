import { AppError } from '@/lib/domain/app-error';
import { prisma } from '@/lib/platform/prisma';

export type FoundKey = { id: string; accountId: string; revokedAt: Date | null; disabledAt: Date | null };

/**
 * What the verbs that change a key need to know of it first.
 * @throws AppError not_found when no key has that id.
 */
export async function findKey(keyId: string): Promise<FoundKey> {
  const key = await prisma().apiKey.findUnique({
    where: { id: keyId },
    select: { id: true, accountId: true, revokedAt: true, disabledAt: true },
  });
  if (!key)
    throw new AppError(
      'not_found',
      `There is no key ${keyId}. Check the id: it starts with key_, unlike the key itself.`,
    );
  return key;
}
