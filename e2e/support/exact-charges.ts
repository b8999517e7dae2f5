import { expect } from '@playwright/test';
import { balanceOf, settledUsage, upstreamBill } from './books';
import type { SharedStack } from './shared-stack';
import type { TestAccount } from './test-account';

/** Expects this many requests of an account, all finished, each charged what the upstream billed for it, to the nano. */
export async function expectExactCharges(
  stack: Pick<SharedStack, 'databaseUrl' | 'fakeUrl'>,
  { accountId }: TestAccount,
  requests: number,
): Promise<void> {
  const rows = await settledUsage(stack, accountId, requests);
  expect(rows).toHaveLength(requests);
  let sumNano = 0n;
  for (const row of rows) {
    const bill = await upstreamBill(stack, row);
    expect([row.ending, row.amountNano]).toEqual(['finished', BigInt(bill.amountNano)]);
    sumNano += row.amountNano;
  }
  expect(sumNano).toBeGreaterThan(0n);
  expect((await balanceOf(stack, accountId)).chargedNano).toBe(sumNano);
}
