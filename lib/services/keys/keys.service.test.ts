import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { hashApiKey, isWellFormedApiKey } from '@/lib/domain/api-key';
import { createTestDatabase } from '@/lib/testing/database';
import { holdRequest, usageRow } from '@/lib/testing/ledger-factory';
import { seed } from '@/prisma/seed';

const testDatabase = await createTestDatabase();
vi.stubEnv('DATABASE_URL', testDatabase.url);
await seed(testDatabase.url);
const { database } = await import('@/lib/platform/database');
const { env } = await import('@/lib/platform/env');
const { placeHold, settle } = await import('@/lib/platform/ledger-store');
const { prisma } = await import('@/lib/platform/prisma');
const { createAccount } = await import('@/lib/services/accounts/create-account');
const { verifyLedger } = await import('@/lib/services/ledger/verify-ledger');
const { createKey } = await import('./create-key');
const { disableKey } = await import('./disable-key');
const { enableKey } = await import('./enable-key');
const { listKeys } = await import('./list-keys');
const { revokeKey } = await import('./revoke-key');
const { updateKey } = await import('./update-key');

let accountId: string;

beforeEach(async () => {
  ({ id: accountId } = await createAccount({ creditNano: 10_000n }));
});

afterAll(async () => {
  await Promise.all([database().end(), prisma().$disconnect()]);
  await testDatabase.drop();
});

describe('a key', () => {
  it('is given away once; the database keeps its peppered hash, and a list shows neither', async () => {
    const { id, key } = await createKey({ accountId, name: 'laptop' });
    expect(isWellFormedApiKey(key)).toBe(true);
    const stored = await prisma().apiKey.findUniqueOrThrow({ where: { id } });
    const hash = hashApiKey(key, env().KEY_PEPPER);
    expect(Buffer.from(stored.hash).equals(hash)).toBe(true);
    const listed = await listKeys(accountId);
    expect(listed).toMatchObject([
      { id, name: 'laptop', status: 'active', prefix: key.slice(0, 12), lastFour: key.slice(-4) },
    ]);
    const shown = JSON.stringify([listed, stored], (_, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
    expect(shown).not.toContain(key);
    expect(Object.keys(listed[0] ?? {})).not.toContain('hash');
    expect(JSON.stringify(listed.map((each) => Object.values(each).map(String)))).not.toContain(hash.toString('hex'));
  });

  it('of an account that is not there can be neither made nor listed', async () => {
    await expect(createKey({ accountId: 'acc_nobody' })).rejects.toMatchObject({ kind: 'not_found' });
    await expect(listKeys('acc_nobody')).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('may be limited to models, kept by id whatever alias named them; an unknown one is refused with the names there are', async () => {
    await createKey({ accountId, allowedModels: ['claude-haiku-4-5-20251001', 'claude-haiku-4-5'] });
    expect(await listKeys(accountId)).toMatchObject([{ allowedModels: ['claude-haiku-4-5'] }]);
    await expect(createKey({ accountId, allowedModels: ['claude-9'] })).rejects.toThrow(/claude-opus-4-8/);
  });

  it('stops when disabled, works again when enabled, and is revoked for good; each may be said twice', async () => {
    const { id } = await createKey({ accountId });
    const { disabledAt } = await disableKey(id);
    expect(await disableKey(id)).toEqual({ id, disabledAt });
    expect(await listKeys(accountId)).toMatchObject([{ status: 'disabled' }]);
    await enableKey(id);
    await enableKey(id);
    expect(await listKeys(accountId)).toMatchObject([{ status: 'active' }]);
    const { revokedAt } = await revokeKey(id);
    expect(await revokeKey(id)).toEqual({ id, revokedAt });
    expect(await listKeys(accountId)).toMatchObject([{ status: 'revoked' }]);
    await expect(enableKey(id)).rejects.toMatchObject({ kind: 'invalid_request' });
    await expect(updateKey(id, { name: 'x' })).rejects.toMatchObject({ kind: 'invalid_request' });
  });

  it('that is not there is not found, whatever is asked of it', async () => {
    for (const verb of [disableKey, enableKey, revokeKey, (id: string) => updateKey(id, { name: 'x' })]) {
      await expect(verb('key_nobody')).rejects.toMatchObject({ kind: 'not_found' });
    }
  });
});

describe('an update', () => {
  it('changes what it names and leaves the rest', async () => {
    const { id } = await createKey({
      accountId,
      name: 'a',
      limitNano: 5n,
      limitPeriod: 'week',
      allowedModels: ['claude-opus-4-8'],
    });
    const expiresAt = new Date('2030-01-01T00:00:00Z');
    await updateKey(id, { name: 'b', expiresAt });
    await updateKey(id, { limitNano: 6n });
    expect(await listKeys(accountId)).toMatchObject([
      { name: 'b', expiresAt, limitNano: 6n, limitPeriod: 'week', allowedModels: ['claude-opus-4-8'] },
    ]);
    await updateKey(id, { expiresAt: null, limitNano: null, allowedModels: [] });
    expect(await listKeys(accountId)).toMatchObject([
      { name: 'b', expiresAt: null, limitNano: null, limitPeriod: null, spentNano: null, allowedModels: [] },
    ]);
    await expect(updateKey(id, { limitPeriod: 'day' })).rejects.toMatchObject({ kind: 'invalid_request' });
  });

  it('that sets a limit counts what the window has seen before: charges, and requests that are running', async () => {
    const { id: keyId } = await createKey({ accountId });
    const now = new Date();
    const ended = holdRequest({ accountId, keyId }, 1_000n, { createdAt: now });
    const longAgo = holdRequest({ accountId, keyId }, 1_000n, { createdAt: new Date('2026-01-15T00:00:00Z') });
    const running = holdRequest({ accountId, keyId }, 300n, { createdAt: now });
    for (const request of [ended, longAgo, running]) await placeHold(request);
    await settle(usageRow(ended, 400n), null);
    await settle(usageRow(longAgo, 70n), null);

    await updateKey(keyId, { limitNano: 1_000n, limitPeriod: 'day' });
    expect(await listKeys(accountId)).toMatchObject([{ spentNano: 400n, pendingNano: 300n }]);
    expect(await placeHold(holdRequest({ accountId, keyId }, 301n))).toMatchObject({
      outcome: 'key_limit',
      keyRemainingNano: 300n,
    });

    await updateKey(keyId, { limitPeriod: 'total' });
    expect(await listKeys(accountId)).toMatchObject([{ spentNano: 470n, pendingNano: 300n }]);

    await settle(usageRow(running, 250n), null);
    expect(await listKeys(accountId)).toMatchObject([{ spentNano: 720n, pendingNano: 0n }]);
    expect(await verifyLedger(accountId)).toMatchObject({ ok: true });

    await updateKey(keyId, { limitNano: null });
    expect(await prisma().keySpend.count({ where: { keyId } })).toBe(0);
  });

  it('amid holds and settlements loses none of them', async () => {
    const { id: keyId } = await createKey({ accountId });
    const requests = Array.from({ length: 40 }, () => holdRequest({ accountId, keyId }, 100n));
    const periods = ['day', 'week', 'total', 'month'] as const;
    await Promise.all([
      ...requests.map(async (request) => {
        await placeHold(request);
        await settle(usageRow(request, 60n), null);
      }),
      ...periods.map((limitPeriod) => updateKey(keyId, { limitNano: 9_000n, limitPeriod })),
    ]);
    expect(await listKeys(accountId)).toMatchObject([{ spentNano: 2_400n, pendingNano: 0n }]);
    expect(await verifyLedger(accountId)).toMatchObject({ ok: true, usageRows: 40 });
  });
});
