import { AppError } from '@/lib/domain/app-error';
import type { Nano } from '@/lib/domain/money';
import { prisma } from '@/lib/platform/prisma';

export type AccountView = {
  id: string;
  name: string;
  telegramId: bigint | null;
  suspendedAt: Date | null;
  createdAt: Date;
  /** What was credited less what was charged. */
  balanceNano: Nano;
  /** What running requests hold of it. */
  heldNano: Nano;
  /** What the next request may use: the balance less what is held. */
  availableNano: Nano;
};

/**
 * A customer's account and its balance, in nano-dollars.
 * @throws AppError not_found when no customer has that id.
 */
export async function getAccount(accountId: string): Promise<AccountView> {
  const account = await prisma().account.findFirst({ where: { id: accountId, kind: 'customer' } });
  if (!account) throw new AppError('not_found', `There is no account ${accountId}. Check the id: it starts with acc_.`);
  const balanceNano = account.creditsPosted - account.debitsPosted;
  return {
    id: account.id,
    name: account.name,
    telegramId: account.telegramId,
    suspendedAt: account.suspendedAt,
    createdAt: account.createdAt,
    balanceNano,
    heldNano: account.debitsPending,
    availableNano: balanceNano - account.debitsPending,
  };
}
