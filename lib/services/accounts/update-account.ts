import type { UpdateAccount } from '@/lib/contracts/account';
import { givenRateLimits } from '@/lib/contracts/rate-limits';
import { prisma } from '@/lib/platform/prisma';
import { getAccount } from './get-account';

/**
 * Changes what all keys of an account may use together; what is left out stays. Seen everywhere within seconds.
 * @throws AppError not_found for an unknown account.
 */
export async function updateAccount(accountId: string, changes: UpdateAccount): Promise<{ id: string }> {
  const { id } = await getAccount(accountId);
  await prisma().account.update({ where: { id }, data: givenRateLimits(changes), select: { id: true } });
  return { id };
}
