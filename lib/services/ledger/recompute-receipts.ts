import { z } from 'zod';
import type { LedgerDifference } from '@/lib/contracts/ledger';
import { sumReceipt } from '@/lib/domain/pricing';
import type { Transaction } from '@/lib/platform/transaction';

/** Rows in memory at once. */
const BATCH_ROWS = 1000;

const receiptSchema = z.array(
  z.object({
    model: z.string(),
    priceId: z.string(),
    dimension: z.enum(['input', 'output', 'cacheWrite5m', 'cacheWrite1h', 'cacheRead', 'webSearch']),
    quantity: z.int().nonnegative(),
    nanoPerMillion: z.string().regex(/^\d+$/),
    percents: z.array(z.int().nonnegative()).max(3),
  }),
);

type Row = { requestId: string; amountNano: bigint; shortfallNano: bigint; receipt: unknown };

/** Every receipt sums to what was due: what was charged and what exceeded the balance. */
export async function recomputeReceipts(
  tx: Transaction,
  accountId: string | null,
  limit: number,
): Promise<LedgerDifference[]> {
  const differences: LedgerDifference[] = [];
  let after = '';
  for (;;) {
    const rows = await readBatch(tx, accountId, after);
    const last = rows.at(-1);
    if (!last) return differences;
    after = last.requestId;
    for (const row of rows) {
      const difference = compareReceipt(row);
      if (difference) differences.push(difference);
      if (differences.length === limit) return differences;
    }
  }
}

function readBatch(tx: Transaction, accountId: string | null, after: string): Promise<Row[]> {
  return tx.usage.findMany({
    where: { requestId: { gt: after }, ...(accountId === null ? {} : { accountId }) },
    select: { requestId: true, amountNano: true, shortfallNano: true, receipt: true },
    orderBy: { requestId: 'asc' },
    take: BATCH_ROWS,
  });
}

function compareReceipt({ requestId, amountNano, shortfallNano, receipt }: Row): LedgerDifference | undefined {
  const lines = receiptSchema.safeParse(receipt);
  const expected = lines.success ? sumReceipt(lines.data).toString() : 'a receipt that can be read';
  const found = (amountNano + shortfallNano).toString();
  return expected === found ? undefined : { check: 'receipt_equals_charge', subject: requestId, expected, found };
}
