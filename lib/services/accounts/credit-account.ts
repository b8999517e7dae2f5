import { randomUUID } from 'node:crypto';
import type { CreditAccount } from '@/lib/contracts/account';
import { prisma } from '@/lib/platform/prisma';
import { postCredit } from '@/lib/services/ledger/post-credit';
import { getAccount, type AccountView } from './get-account';

/**
 * Credits a customer on an operator's word, in nano-dollars. With an idempotency key of the caller's own, sending it
 * again credits nothing and says `already`.
 * @throws AppError not_found for an unknown account, invalid_request when the idempotency key belongs to another credit.
 */
export async function creditAccount(
  credit: CreditAccount,
): Promise<{ outcome: 'credited' | 'already'; account: AccountView }> {
  const idempotencyKey = credit.idempotencyKey ?? randomUUID();
  const outcome = await prisma().$transaction((tx) => postCredit(tx, { ...credit, idempotencyKey }));
  return { outcome, account: await getAccount(credit.accountId) };
}
