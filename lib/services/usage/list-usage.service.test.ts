import { afterAll, expect, it, vi } from 'vitest';
import { createTestDatabase } from '@/lib/testing/database';
import { holdRequest, makeAccount, makeKey, usageRow } from '@/lib/testing/ledger-factory';

const testDatabase = await createTestDatabase();
vi.stubEnv('DATABASE_URL', testDatabase.url);
const { database } = await import('@/lib/platform/database');
const { placeHold, settle } = await import('@/lib/platform/ledger-store');
const { prisma } = await import('@/lib/platform/prisma');
const { listUsage } = await import('./list-usage');

const accountId = await makeAccount(database(), 10_000n);
const keyId = await makeKey(database(), accountId);
// Three to an instant, so that pages end between requests of the same one.
for (let index = 0; index < 12; index += 1) {
  const createdAt = new Date(Date.UTC(2026, 9, 30, 23, 59, 58) + Math.floor(index / 3) * 1000);
  const request = holdRequest({ accountId, keyId }, 10n, { createdAt });
  await placeHold(request);
  await settle(usageRow(request, BigInt(index)), null);
}

afterAll(async () => {
  await Promise.all([database().end(), prisma().$disconnect()]);
  await testDatabase.drop();
});

it('pages through every request once, newest first', async () => {
  const seen: string[] = [];
  const times: number[] = [];
  for (let after: string | undefined; ; after = seen.at(-1)) {
    const page = await listUsage(accountId, { limit: 5, receipt: false, ...(after === undefined ? {} : { after }) });
    seen.push(...page.map(({ requestId }) => requestId));
    times.push(...page.map(({ createdAt }) => createdAt.getTime()));
    if (page.length < 5) break;
  }
  expect(new Set(seen).size).toBe(12);
  expect(seen).toHaveLength(12);
  expect(times).toEqual([...times].sort((a, b) => b - a));
});

it('carries the receipt when asked, and not otherwise', async () => {
  const [plain] = await listUsage(accountId, { limit: 1, receipt: false });
  const [full] = await listUsage(accountId, { limit: 1, receipt: true });
  expect(plain).not.toHaveProperty('receipt');
  expect(full).toMatchObject({ ...plain, receipt: [{ quantity: Number(full?.amountNano) }] });
});

it("shows nothing of another account's, by no cursor", async () => {
  const other = await makeAccount(database(), 1n);
  expect(await listUsage(other, { limit: 5, receipt: false })).toEqual([]);
  const [mine] = await listUsage(accountId, { limit: 1, receipt: false });
  const after = mine?.requestId ?? '';
  await expect(listUsage(other, { limit: 5, receipt: false, after })).rejects.toMatchObject({ kind: 'not_found' });
});
