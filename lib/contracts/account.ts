import { z } from 'zod';
import { nonNegativeNano, positiveNano } from './money';
import { rateLimitFields } from './rate-limits';

const ACCOUNT_NAME_MAX = 100;
const REASON_MAX = 500;
const IDEMPOTENCY_KEY_MAX = 200;
/** Telegram promises that its ids fit in 52 bits. */
const TELEGRAM_ID_MAX = (1n << 52n) - 1n;

export const createAccountSchema = z.strictObject({
  name: z.string().trim().max(ACCOUNT_NAME_MAX).optional(),
  telegramId: z.bigint().positive().max(TELEGRAM_ID_MAX).optional(),
  /** What the account starts with. */
  creditNano: nonNegativeNano.optional(),
});
export type CreateAccount = z.output<typeof createAccountSchema>;

/** What is left out stays as it is. */
export const updateAccountSchema = z
  .strictObject(rateLimitFields)
  .refine(
    (account) => Object.values(account).some((value) => value !== undefined),
    'nothing to change: name at least one field',
  );
export type UpdateAccount = z.output<typeof updateAccountSchema>;

export const creditAccountSchema = z.strictObject({
  accountId: z.string().min(1),
  amountNano: positiveNano,
  reason: z.string().trim().min(1, 'say why, for whoever audits this later').max(REASON_MAX),
  /** The same key credits once, however often it is sent. */
  idempotencyKey: z.string().min(1).max(IDEMPOTENCY_KEY_MAX).optional(),
});
export type CreditAccount = z.output<typeof creditAccountSchema>;
