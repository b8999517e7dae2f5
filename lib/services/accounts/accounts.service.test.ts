import { afterAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase } from '@/lib/testing/database';

const testDatabase = await createTestDatabase();
vi.stubEnv('DATABASE_URL', testDatabase.url);
const { prisma } = await import('@/lib/platform/prisma');
const { revokeKey } = await import('@/lib/services/keys/revoke-key');
const { listKeys } = await import('@/lib/services/keys/list-keys');
const { verifyLedger } = await import('@/lib/services/ledger/verify-ledger');
const { createAccount } = await import('./create-account');
const { creditAccount } = await import('./credit-account');
const { getAccount } = await import('./get-account');
const { prepareDemo } = await import('./prepare-demo');

afterAll(async () => {
  await prisma().$disconnect();
  await testDatabase.drop();
});

describe('an account', () => {
  it('starts with its credit, booked as an entry from the adjustment account', async () => {
    const { id } = await createAccount({ name: 'Ann', creditNano: 7n });
    expect(await getAccount(id)).toMatchObject({ id, name: 'Ann', balanceNano: 7n, heldNano: 0n, availableNano: 7n });
    expect(await prisma().transfer.findMany({ where: { creditAccountId: id } })).toMatchObject([
      { kind: 'adjustment', debitAccountId: 'acc_adjustment', amountNano: 7n },
    ]);
  });

  it('belongs to one Telegram user, who has no other; a refused one leaves nothing behind', async () => {
    const { id } = await createAccount({ telegramId: 42n });
    await expect(createAccount({ telegramId: 42n, creditNano: 5n })).rejects.toMatchObject({ kind: 'invalid_request' });
    expect(await prisma().account.count({ where: { telegramId: 42n } })).toBe(1);
    expect(await getAccount(id)).toMatchObject({ telegramId: 42n, balanceNano: 0n });
  });

  it("of the system is no customer's: it can be neither shown nor credited", async () => {
    await expect(getAccount('acc_revenue')).rejects.toMatchObject({ kind: 'not_found' });
    const credit = { accountId: 'acc_revenue', amountNano: 1n, reason: 'test' };
    await expect(creditAccount(credit)).rejects.toMatchObject({ kind: 'not_found' });
  });
});

describe('a credit', () => {
  it('counts once per idempotency key, however many send it at the same time', async () => {
    const { id } = await createAccount({});
    const credit = { accountId: id, amountNano: 100n, reason: 'gift', idempotencyKey: `gift-${id}` };
    const credits = await Promise.all(Array.from({ length: 10 }, () => creditAccount(credit)));
    expect(credits.filter(({ outcome }) => outcome === 'credited')).toHaveLength(1);
    expect(credits.filter(({ outcome }) => outcome === 'already')).toHaveLength(9);
    expect(await getAccount(id)).toMatchObject({ balanceNano: 100n });
  });

  it('under a key that credited something else is refused and changes nothing', async () => {
    const { id } = await createAccount({});
    const credit = { accountId: id, amountNano: 100n, reason: 'gift', idempotencyKey: `other-${id}` };
    await creditAccount(credit);
    await expect(creditAccount({ ...credit, amountNano: 101n })).rejects.toMatchObject({ kind: 'invalid_request' });
    expect(await getAccount(id)).toMatchObject({ balanceNano: 100n });
  });

  it('without a key of its own counts each time', async () => {
    const { id } = await createAccount({});
    const credit = { accountId: id, amountNano: 100n, reason: 'gift' };
    await creditAccount(credit);
    expect(await creditAccount(credit)).toMatchObject({ outcome: 'credited', account: { balanceNano: 200n } });
  });
});

describe('the demo', () => {
  it('keeps its account and key for as long as they work, and makes new ones when they do not', async () => {
    const first = await prepareDemo(null);
    expect(first.balanceNano).toBe(25_000_000_000n);
    expect(await prepareDemo(first)).toEqual(first);
    const [key] = await listKeys(first.accountId);
    await revokeKey(key?.id ?? '');
    const second = await prepareDemo(first);
    expect(second.key).not.toBe(first.key);
    expect(second.accountId).not.toBe(first.accountId);
  });

  it('is credited again once it is empty', async () => {
    const demo = await prepareDemo(null);
    await prisma().$executeRaw`UPDATE accounts SET debits_posted = credits_posted WHERE id = ${demo.accountId}`;
    expect(await prepareDemo(demo)).toEqual(demo);
    await prisma().$executeRaw`UPDATE accounts SET debits_posted = 0 WHERE id = ${demo.accountId}`;
    expect(await verifyLedger(demo.accountId)).toMatchObject({ ok: true });
  });
});
