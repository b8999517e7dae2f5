import fc from 'fast-check';
import { afterAll, expect, it, vi } from 'vitest';
import type { HoldRequest } from '@/lib/platform/ledger-store';
import { createTestDatabase } from '@/lib/testing/database';
import { holdRequest, makeAccount, makeKey, uncharged, usageRow } from '@/lib/testing/ledger-factory';

const testDatabase = await createTestDatabase();
vi.stubEnv('DATABASE_URL', testDatabase.url);
const { database } = await import('@/lib/platform/database');
const { placeHold, settle } = await import('@/lib/platform/ledger-store');
const { prisma } = await import('@/lib/platform/prisma');
const { creditAccount } = await import('@/lib/services/accounts/credit-account');
const { getAccount } = await import('@/lib/services/accounts/get-account');
const { updateKey } = await import('@/lib/services/keys/update-key');
const { verifyLedger } = await import('./verify-ledger');

afterAll(async () => {
  await Promise.all([database().end(), prisma().$disconnect()]);
  await testDatabase.drop();
});

const amount = fc.bigInt(1n, 5_000n);
const pick = fc.nat(1_000);
/** Hours before now, so that requests fall into several hours, days, weeks and months. */
const hoursAgo = fc.constantFrom(0, 0, 0, 1, 25, 24 * 8, 24 * 40);
const step = fc.oneof(
  fc.record({ kind: fc.constant('credit' as const), amount }),
  fc.record({ kind: fc.constant('hold' as const), amount, pick, hoursAgo }),
  fc.record({ kind: fc.constant('hold' as const), amount, pick, hoursAgo }),
  // Up to twice what was held: an upstream that goes past the hold.
  fc.record({ kind: fc.constant('settle' as const), amount: fc.bigInt(0n, 10_000n), pick }),
  fc.record({ kind: fc.constant('void' as const), pick }),
  fc.record({ kind: fc.constant('crash' as const), pick }),
  fc.record({ kind: fc.constant('late' as const), amount, pick }),
  fc.record({
    kind: fc.constant('limit' as const),
    amount: fc.option(amount),
    pick,
    period: fc.constantFrom('total', 'day', 'week', 'month' as const),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

it(
  'any sequence of credits, holds, settlements, voids, crashes and new limits leaves books that balance',
  { timeout: 120_000 },
  async () => {
    let charged = 0n;
    let shortfall = 0n;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const world = await makeWorld();
        for (const next of steps) await take(world, next);
        const account = await getAccount(world.accountId);
        expect(account.balanceNano).toBe(world.credited - world.charged);
        expect(account.heldNano).toBe(sum([...world.open.values()]));
        expect(await verifyLedger(world.accountId)).toMatchObject({
          ok: true,
          differences: [],
          accounts: 1,
          openHolds: world.open.size,
          revenueNano: world.charged,
          shortfallNano: world.shortfall,
        });
        charged += world.charged;
        shortfall += world.shortfall;
      }),
      { numRuns: 40 },
    );
    // Otherwise the sequences were too tame to show anything.
    expect(charged).toBeGreaterThan(0n);
    expect(shortfall).toBeGreaterThan(0n);
    const report = await verifyLedger();
    expect(report).toMatchObject({ ok: true, differences: [], revenueNano: charged, shortfallNano: shortfall });
  },
);

type World = {
  accountId: string;
  keyIds: string[];
  credited: bigint;
  charged: bigint;
  shortfall: bigint;
  open: Map<HoldRequest, bigint>;
  crashed: HoldRequest[];
};

async function makeWorld(): Promise<World> {
  const credited = 5_000n;
  const accountId = await makeAccount(database(), credited);
  const keyIds = [
    await makeKey(database(), accountId),
    await makeKey(database(), accountId, { limitNano: 6_000n, limitPeriod: 'day' }),
  ];
  return { accountId, keyIds, credited, charged: 0n, shortfall: 0n, open: new Map(), crashed: [] };
}

async function take(world: World, next: Step): Promise<void> {
  switch (next.kind) {
    case 'credit':
      await creditAccount({ accountId: world.accountId, amountNano: next.amount, reason: 'test' });
      world.credited += next.amount;
      return;
    case 'hold': {
      const createdAt = new Date(Date.now() - next.hoursAgo * 3_600_000);
      const keyId = choose(world.keyIds, next.pick) ?? '';
      const request = holdRequest({ accountId: world.accountId, keyId }, next.amount, { minimumNano: 1n, createdAt });
      const placed = await placeHold(request);
      if (placed.outcome === 'held') world.open.set(request, placed.heldNano);
      return;
    }
    case 'settle':
    case 'void':
    case 'crash': {
      const request = choose([...world.open.keys()], next.pick);
      if (!request) return;
      world.open.delete(request);
      if (next.kind === 'settle') await charge(world, request, next.amount);
      else await settle(usageRow(request, 0n, uncharged(next.kind === 'void' ? 'refused' : 'crashed')), null);
      if (next.kind === 'crash') world.crashed.push(request);
      return;
    }
    case 'late': {
      const request = world.crashed.pop();
      if (request) await charge(world, request, next.amount);
      return;
    }
    case 'limit':
      await updateKey(choose(world.keyIds, next.pick) ?? '', {
        limitNano: next.amount,
        ...(next.amount === null ? {} : { limitPeriod: next.period }),
      });
  }
}

async function charge(world: World, request: HoldRequest, amountNano: bigint): Promise<void> {
  const settlement = await settle(usageRow(request, amountNano), null);
  expect(settlement.postedNano + settlement.shortfallNano).toBe(amountNano);
  world.charged += settlement.postedNano;
  world.shortfall += settlement.shortfallNano;
}

function choose<T>(from: readonly T[], index: number): T | undefined {
  return from[index % from.length];
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, each) => total + each, 0n);
}
