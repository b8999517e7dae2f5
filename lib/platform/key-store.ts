import { database } from './database';

/** What a request's key allows, as one indexed read gives it. Null limits are the deployment's defaults. */
export type KeyRecord = {
  keyId: string;
  accountId: string;
  allowedModels: readonly string[];
  expiresAt: Date | null;
  disabled: boolean;
  revoked: boolean;
  suspended: boolean;
  keyLimits: LimitOverrides;
  accountLimits: LimitOverrides;
};

export type LimitOverrides = {
  requestsPerMinute: number | null;
  inputTokensPerMinute: number | null;
  outputTokensPerMinute: number | null;
  concurrentRequests: number | null;
};

/** Finds a key by its hash; undefined when there is none. */
export async function findKeyByHash(hash: Buffer): Promise<KeyRecord | undefined> {
  const { rows } = await database().query<KeyRow>({
    name: 'find_key_by_hash',
    text: `SELECT k.id, k.account_id, k.allowed_models, k.expires_at, k.disabled_at IS NOT NULL AS disabled,
             k.revoked_at IS NOT NULL AS revoked, a.suspended_at IS NOT NULL AS suspended,
             k.requests_per_minute AS key_requests, k.input_tokens_per_minute AS key_input,
             k.output_tokens_per_minute AS key_output, k.concurrent_requests AS key_concurrent,
             a.requests_per_minute AS account_requests, a.input_tokens_per_minute AS account_input,
             a.output_tokens_per_minute AS account_output, a.concurrent_requests AS account_concurrent
           FROM api_keys k JOIN accounts a ON a.id = k.account_id WHERE k.hash = $1`,
    values: [hash],
  });
  const [row] = rows;
  if (!row) return undefined;
  return {
    keyId: row.id,
    accountId: row.account_id,
    allowedModels: row.allowed_models,
    expiresAt: row.expires_at,
    disabled: row.disabled,
    revoked: row.revoked,
    suspended: row.suspended,
    keyLimits: {
      requestsPerMinute: row.key_requests,
      inputTokensPerMinute: row.key_input,
      outputTokensPerMinute: row.key_output,
      concurrentRequests: row.key_concurrent,
    },
    accountLimits: {
      requestsPerMinute: row.account_requests,
      inputTokensPerMinute: row.account_input,
      outputTokensPerMinute: row.account_output,
      concurrentRequests: row.account_concurrent,
    },
  };
}

/** Notes when keys were last used; never moves a key's time back. */
export async function recordKeyUse(lastUsedAt: ReadonlyMap<string, Date>): Promise<void> {
  await database().query({
    name: 'record_key_use',
    text: `UPDATE api_keys k SET last_used_at = GREATEST(k.last_used_at, u.at)
           FROM unnest($1::text[], $2::timestamptz[]) AS u (id, at) WHERE k.id = u.id`,
    values: [[...lastUsedAt.keys()], [...lastUsedAt.values()]],
  });
}

type KeyRow = {
  id: string;
  account_id: string;
  allowed_models: string[];
  expires_at: Date | null;
  disabled: boolean;
  revoked: boolean;
  suspended: boolean;
  key_requests: number | null;
  key_input: number | null;
  key_output: number | null;
  key_concurrent: number | null;
  account_requests: number | null;
  account_input: number | null;
  account_output: number | null;
  account_concurrent: number | null;
};
