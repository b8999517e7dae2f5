import { generateApiKey, hashApiKey, maskApiKey } from '@/lib/domain/api-key';
import { newId } from '@/lib/domain/id';
import { NANO_PER_USD } from '@/lib/domain/money';
import { databaseOf } from './database-of';
import type { SharedStack } from './shared-stack';

type StackKeys = Pick<SharedStack, 'databaseUrl' | 'environment'>;

export interface Limits {
  requestsPerMinute?: number;
  inputTokensPerMinute?: number;
  outputTokensPerMinute?: number;
  concurrentRequests?: number;
}

export interface KeyOptions extends Limits {
  /** The most it may spend, ever. */
  limitNano?: bigint;
  allowedModels?: string[];
  expiresAt?: Date;
}

export interface TestKey {
  keyId: string;
  key: string;
}

export interface TestAccount extends TestKey {
  accountId: string;
}

const CREDIT_NANO = 100n * NANO_PER_USD;

/** A customer with credit ($100, unless told otherwise) and a key, in the form the verbs give them, in milliseconds. */
export async function createTestAccount(
  stack: StackKeys,
  options: { creditNano?: bigint; limits?: Limits; key?: KeyOptions } = {},
): Promise<TestAccount> {
  const { creditNano = CREDIT_NANO, limits = {}, key = {} } = options;
  const accountId = newId('acc', Date.now());
  await databaseOf(stack).query(
    `INSERT INTO accounts (id, kind, requests_per_minute, input_tokens_per_minute, output_tokens_per_minute, concurrent_requests)
     VALUES ($1, 'customer', $2, $3, $4, $5)`,
    [accountId, ...limitValues(limits)],
  );
  if (creditNano > 0n) await creditTestAccount(stack, accountId, creditNano);
  return { accountId, ...(await createTestKey(stack, accountId, key)) };
}

/** Another key for an account. */
export async function createTestKey(stack: StackKeys, accountId: string, options: KeyOptions = {}): Promise<TestKey> {
  const key = generateApiKey();
  const keyId = newId('key', Date.now());
  const { prefix, lastFour } = maskApiKey(key);
  const hash = hashApiKey(key, Buffer.from(stack.environment['KEY_PEPPER'] ?? '', 'hex'));
  const limitNano = options.limitNano ?? null;
  await databaseOf(stack).query(
    `INSERT INTO api_keys (id, account_id, hash, prefix, last_four, limit_nano, limit_period, allowed_models, expires_at,
       requests_per_minute, input_tokens_per_minute, output_tokens_per_minute, concurrent_requests)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      ...[keyId, accountId, hash, prefix, lastFour, limitNano, limitNano === null ? null : 'total'],
      ...[options.allowedModels ?? [], options.expiresAt ?? null, ...limitValues(options)],
    ],
  );
  return { keyId, key };
}

export async function creditTestAccount(stack: StackKeys, accountId: string, amountNano: bigint): Promise<void> {
  await databaseOf(stack).query(`SELECT ledger_credit($1, $2, 'adjustment', 'acc_adjustment', $3, 'test')`, [
    accountId,
    amountNano,
    newId('acc', Date.now()),
  ]);
}

function limitValues(limits: Limits): (number | null)[] {
  return [
    limits.requestsPerMinute ?? null,
    limits.inputTokensPerMinute ?? null,
    limits.outputTokensPerMinute ?? null,
    limits.concurrentRequests ?? null,
  ];
}
