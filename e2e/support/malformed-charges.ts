import type { LedgerRow } from '@/e2e/fakes/anthropic/ledger';
import type { UsageRow } from './books';

/** How a request ended for its client. */
export interface Answered {
  status: number;
  whole: boolean;
}

/** The stand-in forgets older bills. */
const BILLS_KEPT = 20_000;
const LEFT = ['finished', 'client_left', 'client_left_early', 'refused'];

/**
 * The rows whose charge is wrong: what was answered with 200 is charged as it was billed, what was refused is free, and
 * who left pays for what had begun to come and else nothing. `answered` is by request id.
 */
export function chargeComplaints(
  rows: readonly UsageRow[],
  answered: ReadonlyMap<string, Answered>,
  bills: readonly LedgerRow[],
): string[] {
  const billed = new Map(bills.map((bill) => [bill.requestId, bill.amountNano]));
  return rows.flatMap((row) => {
    const bill = billed.get(row.upstreamRequestId ?? '');
    const known = bill !== undefined || bills.length < BILLS_KEPT;
    const wrong = wrongEnding(row, answered.get(row.requestId));
    const complaints = wrong === undefined ? [] : [wrong];
    if (row.amountNano > 0n && row.status !== 200) complaints.push('a refusal that was charged');
    if (row.ending === 'finished' && known && String(row.amountNano) !== bill)
      complaints.push(`billed ${String(bill)}`);
    return complaints.map((text) => `${row.requestId} (${row.ending}, ${String(row.amountNano)} nano): ${text}`);
  });
}

function wrongEnding(row: UsageRow, answer: Answered | undefined): string | undefined {
  if (answer !== undefined && answer.status !== 200) {
    return row.amountNano === 0n && row.settledFrom === 'none'
      ? undefined
      : `charged, and answered ${String(answer.status)}`;
  }
  if (answer?.whole === true) return row.ending === 'finished' ? undefined : 'answered whole';
  return LEFT.includes(row.ending) ? undefined : 'its client left';
}
