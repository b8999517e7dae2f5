import type { CreateAccount } from '@/lib/contracts/account';
import { AppError } from '@/lib/domain/app-error';
import { newId } from '@/lib/domain/id';
import { prisma } from '@/lib/platform/prisma';
import { isDuplicate } from '@/lib/platform/transaction';
import { postCredit } from '@/lib/services/ledger/post-credit';

/**
 * Makes a customer's account, with its first credit in the same transaction.
 * @throws AppError invalid_request when the Telegram user has an account already.
 */
export async function createAccount({
  name = '',
  telegramId,
  creditNano = 0n,
}: CreateAccount): Promise<{ id: string }> {
  const id = newId('acc', Date.now());
  try {
    await prisma().$transaction(async (tx) => {
      await tx.account.create({ data: { id, kind: 'customer', name, telegramId: telegramId ?? null } });
      if (creditNano === 0n) return;
      await postCredit(tx, {
        accountId: id,
        amountNano: creditNano,
        reason: 'first credit',
        idempotencyKey: `first:${id}`,
      });
    });
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    throw new AppError(
      'invalid_request',
      `Telegram user ${String(telegramId)} has an account already. Use that one, or leave the Telegram id out.`,
      { cause: error },
    );
  }
  return { id };
}
