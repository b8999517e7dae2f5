import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase } from '@/lib/testing/database';
import { seed } from '@/prisma/seed';

const testDatabase = await createTestDatabase();
vi.stubEnv('DATABASE_URL', testDatabase.url);
const { prisma } = await import('@/lib/platform/prisma');
const { listOffered } = await import('./list-offered');
const { setPrice } = await import('./set-price');

const USD = 1_000_000_000n;

beforeAll(() => Promise.all([seed(testDatabase.url), seed(testDatabase.url), seed(testDatabase.url)]));

afterAll(async () => {
  await prisma().$disconnect();
  await testDatabase.drop();
});

describe('the seed', () => {
  it("offers the contract's models at the contract's prices, however many processes seed at once", async () => {
    const offered = await listOffered();
    expect(
      offered.map(({ id, price }) => [
        id,
        price.inputNano,
        price.outputNano,
        price.cacheWrite5mNano,
        price.cacheReadNano,
      ]),
    ).toEqual([
      ['claude-opus-4-8', 5n * USD, 25n * USD, (625n * USD) / 100n, USD / 2n],
      ['claude-sonnet-4-6', 3n * USD, 15n * USD, (375n * USD) / 100n, (3n * USD) / 10n],
      ['claude-haiku-4-5', USD, 5n * USD, (125n * USD) / 100n, USD / 10n],
    ]);
    expect(
      offered.map(({ price }) => [
        price.cacheWrite1hNano,
        price.webSearchNano,
        price.fastPercent,
        price.usPercent,
        price.batchPercent,
      ]),
    ).toEqual([
      [10n * USD, 10_000n * USD, 200, 110, 50],
      [6n * USD, 10_000n * USD, null, 110, 50],
      [2n * USD, 10_000n * USD, null, 100, 50],
    ]);
    expect(await prisma().modelPrice.count()).toBe(3);
  });

  it('never undoes what an operator changed', async () => {
    await prisma().model.update({ where: { id: 'claude-sonnet-4-6' }, data: { displayName: 'Our Sonnet' } });
    await setPrice('claude-sonnet-4-6', { outputNano: 16n * USD });
    await seed(testDatabase.url);
    const offered = await listOffered();
    expect(offered.find(({ id }) => id === 'claude-sonnet-4-6')).toMatchObject({
      displayName: 'Our Sonnet',
      price: { outputNano: 16n * USD },
    });
  });
});

describe('a new price', () => {
  it('counts from its date on, and leaves the versions before as they are', async () => {
    const effectiveFrom = new Date(Date.now() + 3_600_000);
    const price = await setPrice('claude-opus-4-8', { outputNano: 30n * USD, effectiveFrom });
    expect(price).toMatchObject({
      inputNano: 5n * USD,
      outputNano: 30n * USD,
      cacheReadNano: USD / 2n,
      fastPercent: 200,
    });
    const opus = (await listOffered()).find(({ id }) => id === 'claude-opus-4-8');
    expect(opus).toMatchObject({ price: { outputNano: 25n * USD }, nextPrice: { id: price.id, effectiveFrom } });
    const earlier = setPrice('claude-opus-4-8', { outputNano: 31n * USD });
    await expect(earlier).rejects.toThrow(/Choose a date after/);
    await expect(prisma().modelPrice.update({ where: { id: price.id }, data: { outputNano: 1n } })).rejects.toThrow();
    expect(await prisma().modelPrice.findUnique({ where: { id: price.id } })).toMatchObject({ outputNano: 30n * USD });
  });

  it('takes cache prices along with the input price, exactly or not at all', async () => {
    const price = await setPrice('claude-haiku-4-5-20251001', { inputNano: 2n * USD, fastPercent: 150 });
    expect(price).toMatchObject({
      modelId: 'claude-haiku-4-5',
      cacheWrite5mNano: (25n * USD) / 10n,
      cacheWrite1hNano: 4n * USD,
      cacheReadNano: USD / 5n,
      outputNano: 5n * USD,
      fastPercent: 150,
    });
    await expect(setPrice('claude-haiku-4-5', { inputNano: 3n })).rejects.toThrow(/no whole number/);
    const named = { inputNano: 3n, cacheWrite5mNano: 4n, cacheReadNano: 1n };
    expect(await setPrice('claude-haiku-4-5', named)).toMatchObject({ ...named, cacheWrite1hNano: 6n });
  });

  it('is refused for the past and for a model that is not there', async () => {
    const yesterday = new Date(Date.now() - 86_400_000);
    await expect(setPrice('claude-haiku-4-5', { outputNano: 1n, effectiveFrom: yesterday })).rejects.toThrow(
      /from now on/,
    );
    await expect(setPrice('claude-9', { outputNano: 1n })).rejects.toMatchObject({ kind: 'invalid_request' });
  });

  it('builds on the one before when two are set at once', async () => {
    const at = (hours: number) => new Date(Date.now() + hours * 3_600_000);
    const both = await Promise.allSettled([
      setPrice('claude-sonnet-4-6', { outputNano: 17n * USD, effectiveFrom: at(1) }),
      setPrice('claude-sonnet-4-6', { usPercent: 120, effectiveFrom: at(2) }),
    ]);
    const newest = await prisma().modelPrice.findFirstOrThrow({
      where: { modelId: 'claude-sonnet-4-6' },
      orderBy: { effectiveFrom: 'desc' },
    });
    expect(newest.usPercent).toBe(120);
    // The later date came second, or the earlier one was refused: never are both there with one of them forgotten.
    expect(newest.outputNano).toBe(both[0].status === 'fulfilled' ? 17n * USD : 16n * USD);
  });
});
