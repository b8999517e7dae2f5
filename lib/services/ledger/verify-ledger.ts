import type { LedgerDifference, LedgerReport } from '@/lib/contracts/ledger';
import { prisma } from '@/lib/platform/prisma';
import type { Transaction } from '@/lib/platform/transaction';
import { checkBalance } from './check-balance';
import { checkTransfers } from './check-transfers';
import { compareCharges } from './compare-charges';
import { compareHolds } from './compare-holds';
import { compareKeySpend } from './compare-key-spend';
import { compareRollups } from './compare-rollups';
import { compareTotals } from './compare-totals';
import { recomputeReceipts } from './recompute-receipts';
import { getAccount } from '@/lib/services/accounts/get-account';

/** A report shows where to look; whoever finds this many differences has seen enough. */
const DIFFERENCES_MAX = 100;
/** For the whole of it. Every row is read, which takes minutes where there are many millions. */
const TIMEOUT_MS = 60 * 60_000;

type Check = (tx: Transaction, accountId: string | null, limit: number) => Promise<LedgerDifference[]>;

const CHECKS: readonly Check[] = [
  compareTotals,
  compareCharges,
  compareHolds,
  compareRollups,
  compareKeySpend,
  recomputeReceipts,
  checkTransfers,
  checkBalance,
];

/**
 * Recomputes everything the ledger says from its rows, and compares: of all customers, or of one. It reads one instant
 * of the database and locks nothing, so it may run while requests are served. The rows stay in the database but for
 * receipts, which are read a batch at a time.
 * @throws AppError not_found for an unknown account.
 */
export async function verifyLedger(accountId: string | null = null): Promise<LedgerReport> {
  if (accountId !== null) await getAccount(accountId);
  return prisma().$transaction(
    async (tx) => {
      const differences: LedgerDifference[] = [];
      for (const check of CHECKS) {
        const left = DIFFERENCES_MAX - differences.length;
        if (left > 0) differences.push(...(await check(tx, accountId, left)));
      }
      return { ok: differences.length === 0, ...(await summarise(tx, accountId)), differences };
    },
    { isolationLevel: 'RepeatableRead', timeout: TIMEOUT_MS },
  );
}

type Summary = Omit<LedgerReport, 'ok' | 'differences'>;
type Texts = { [Field in keyof Summary]: string };

async function summarise(tx: Transaction, accountId: string | null): Promise<Summary> {
  const [row] = await tx.$queryRaw<Texts[]>`
    SELECT a.accounts::text, t.transfers::text, u."usageRows"::text, h."openHolds"::text,
      t."revenueNano"::text, u."shortfallNano"::text, u."forgivenNano"::text
    FROM
      (SELECT count(*) AS accounts FROM accounts
        WHERE kind = 'customer' AND (${accountId}::text IS NULL OR id = ${accountId})) a,
      (SELECT count(*) AS transfers, COALESCE(sum(amount_nano) FILTER (WHERE kind = 'charge'), 0) AS "revenueNano"
        FROM transfers
        WHERE ${accountId}::text IS NULL OR debit_account_id = ${accountId} OR credit_account_id = ${accountId}) t,
      (SELECT count(*) AS "usageRows", COALESCE(sum(shortfall_nano), 0) AS "shortfallNano",
          COALESCE(sum(forgiven_nano), 0) AS "forgivenNano"
        FROM usage WHERE ${accountId}::text IS NULL OR account_id = ${accountId}) u,
      (SELECT count(*) AS "openHolds" FROM holds WHERE ${accountId}::text IS NULL OR account_id = ${accountId}) h`;
  if (!row) throw new Error('the summary answered with no row');
  return {
    accounts: Number(row.accounts),
    transfers: Number(row.transfers),
    usageRows: Number(row.usageRows),
    openHolds: Number(row.openHolds),
    revenueNano: BigInt(row.revenueNano),
    shortfallNano: BigInt(row.shortfallNano),
    forgivenNano: BigInt(row.forgivenNano),
  };
}
