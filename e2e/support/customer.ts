import type { Pool } from 'pg';
import { generateApiKey, hashApiKey, maskApiKey } from '@/lib/domain/api-key';
import { newId } from '@/lib/domain/id';

export interface Customer {
  accountId: string;
  keyId: string;
  key: string;
}

const CREDIT_NANO = 1_000_000_000_000n;

/**
 * An account with credit ($1,000 unless said) and a key, written as the product's own verbs write them. They read one
 * configuration per process, and a process that runs specs sees several databases.
 */
export async function newCustomer(database: Pool, pepperHex: string, creditNano = CREDIT_NANO): Promise<Customer> {
  const now = Date.now();
  const customer = { accountId: newId('acc', now), keyId: newId('key', now), key: generateApiKey() };
  const { accountId, keyId, key } = customer;
  await database.query(`INSERT INTO accounts (id, kind, name) VALUES ($1, 'customer', 'e2e')`, [accountId]);
  if (creditNano > 0n) {
    await database.query(`SELECT ledger_credit($1, $2, 'adjustment', 'acc_adjustment', $3, 'e2e')`, [
      accountId,
      creditNano.toString(),
      `adjustment:${accountId}`,
    ]);
  }
  const { prefix, lastFour } = maskApiKey(key);
  await database.query(
    `INSERT INTO api_keys (id, account_id, name, hash, prefix, last_four) VALUES ($1, $2, 'e2e', $3, $4, $5)`,
    [keyId, accountId, hashApiKey(key, Buffer.from(pepperHex, 'hex')), prefix, lastFour],
  );
  return customer;
}
