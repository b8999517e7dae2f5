import type { LimitPeriod } from '@/lib/contracts/key';
import type { Nano } from '@/lib/domain/money';
import { prisma } from '@/lib/platform/prisma';
import { getAccount } from '@/lib/services/accounts/get-account';

/** More keys than any account needs; the newest are listed. */
const KEYS_LISTED_MAX = 1000;

export type KeyView = {
  id: string;
  name: string;
  /** The key's first characters and its last four. */
  prefix: string;
  lastFour: string;
  status: 'active' | 'disabled' | 'expired' | 'revoked';
  limitNano: Nano | null;
  limitPeriod: LimitPeriod | null;
  /** What counts against the limit in its present window: charges, and what running requests hold. Null without a limit. */
  spentNano: Nano | null;
  pendingNano: Nano | null;
  allowedModels: string[];
  expiresAt: Date | null;
  disabledAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
  createdAt: Date;
};

type Spend = { id: string; spentNano: bigint; pendingNano: bigint };

/**
 * An account's keys, newest first, with what each has spent of its limit. Hashes never leave the database.
 * @throws AppError not_found for an unknown account.
 */
export async function listKeys(accountId: string): Promise<KeyView[]> {
  await getAccount(accountId);
  const [keys, spends] = await Promise.all([
    prisma().apiKey.findMany({
      where: { accountId },
      select: SHOWN,
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: KEYS_LISTED_MAX,
    }),
    prisma().$queryRaw<Spend[]>`
      SELECT k.id, s.spent_nano AS "spentNano", s.pending_nano AS "pendingNano"
      FROM api_keys k
      JOIN key_spend s ON s.key_id = k.id AND s.window_start = limit_window_start(k.limit_period, now())
      WHERE k.account_id = ${accountId}`,
  ]);
  const spendOf = new Map(spends.map((spend) => [spend.id, spend]));
  const now = new Date();
  return keys.map((key) => {
    const spent = key.limitNano === null ? null : { spentNano: 0n, pendingNano: 0n, ...spendOf.get(key.id) };
    return {
      ...key,
      status: statusOf(key, now),
      spentNano: spent && spent.spentNano,
      pendingNano: spent && spent.pendingNano,
    };
  });
}

const SHOWN = {
  id: true,
  name: true,
  prefix: true,
  lastFour: true,
  limitNano: true,
  limitPeriod: true,
  allowedModels: true,
  expiresAt: true,
  disabledAt: true,
  revokedAt: true,
  lastUsedAt: true,
  createdAt: true,
} as const;

type Dates = Pick<KeyView, 'expiresAt' | 'disabledAt' | 'revokedAt'>;

function statusOf({ revokedAt, disabledAt, expiresAt }: Dates, now: Date): KeyView['status'] {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt !== null && expiresAt <= now) return 'expired';
  return disabledAt === null ? 'active' : 'disabled';
}
