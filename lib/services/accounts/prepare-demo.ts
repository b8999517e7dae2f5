import { isWellFormedApiKey, hashApiKey } from '@/lib/domain/api-key';
import { NANO_PER_USD, type Nano } from '@/lib/domain/money';
import { env } from '@/lib/platform/env';
import { prisma } from '@/lib/platform/prisma';
import { createKey } from '@/lib/services/keys/create-key';
import { createAccount } from './create-account';
import { creditAccount } from './credit-account';
import { getAccount } from './get-account';

const DEMO_CREDIT_NANO = 25n * NANO_PER_USD;

export type SavedDemo = { accountId: string; key: string };

/**
 * Gives an account and a key that work, for somebody who tries the product on their own machine: those of an earlier
 * start when they still work, else new ones. A demo account with less than a dollar is credited again.
 */
export async function prepareDemo(saved: SavedDemo | null = null): Promise<SavedDemo & { balanceNano: Nano }> {
  const demo = saved && (await stillWorks(saved)) ? saved : await makeDemo();
  let account = await getAccount(demo.accountId);
  if (account.balanceNano < NANO_PER_USD) {
    const credit = { accountId: demo.accountId, amountNano: DEMO_CREDIT_NANO, reason: 'demo credit' };
    ({ account } = await creditAccount(credit));
  }
  return { accountId: demo.accountId, key: demo.key, balanceNano: account.balanceNano };
}

async function stillWorks({ accountId, key }: SavedDemo): Promise<boolean> {
  if (!isWellFormedApiKey(key)) return false;
  const found = await prisma().apiKey.findFirst({
    where: {
      hash: Uint8Array.from(hashApiKey(key, env().KEY_PEPPER)),
      accountId,
      disabledAt: null,
      revokedAt: null,
      OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }],
      account: { suspendedAt: null },
    },
    select: { id: true },
  });
  return found !== null;
}

async function makeDemo(): Promise<SavedDemo> {
  const { id: accountId } = await createAccount({ name: 'Demo', creditNano: DEMO_CREDIT_NANO });
  const { key } = await createKey({ accountId, name: 'Demo' });
  return { accountId, key };
}
