import type { CreditAccount } from '@/lib/contracts/account';
import { AppError } from '@/lib/domain/app-error';
import type { Transaction } from '@/lib/platform/transaction';

/** Where an operator's credits come from: the other side of the entry. */
const ADJUSTMENT_ACCOUNT_ID = 'acc_adjustment';

type CreditOutcome = 'credited' | 'already' | 'conflict' | 'unknown';

/**
 * Posts one credit from the adjustment account, in the caller's transaction. `already` says that this idempotency key
 * had credited the same before, and nothing was posted.
 * @throws AppError not_found for an unknown account, invalid_request when the idempotency key belongs to another credit.
 */
export async function postCredit(
  tx: Transaction,
  { accountId, amountNano, reason, idempotencyKey }: CreditAccount & { idempotencyKey: string },
): Promise<'credited' | 'already'> {
  // The prefix keeps keys that people choose apart from those of charges and deposits.
  const [row] = await tx.$queryRaw<{ outcome: CreditOutcome }[]>`
    SELECT ledger_credit(${accountId}, ${amountNano}::bigint, 'adjustment', ${ADJUSTMENT_ACCOUNT_ID},
      ${`adjustment:${idempotencyKey}`}, ${reason}) AS outcome`;
  switch (row?.outcome) {
    case 'credited':
    case 'already':
      return row.outcome;
    case 'unknown':
      throw new AppError('not_found', `There is no account ${accountId}. Check the id: it starts with acc_.`);
    case 'conflict':
      throw new AppError(
        'invalid_request',
        `The idempotency key "${idempotencyKey}" belongs to another credit. Choose a new key to credit again.`,
      );
    case undefined:
      throw new Error('ledger_credit answered with no row');
  }
}
