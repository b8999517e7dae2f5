import type { ListUsage } from '@/lib/contracts/usage';
import { AppError } from '@/lib/domain/app-error';
import type { Ending, SettledFrom } from '@/lib/domain/ending';
import type { Nano } from '@/lib/domain/money';
import { prisma } from '@/lib/platform/prisma';
import { getAccount } from '@/lib/services/accounts/get-account';

export type UsageView = {
  requestId: string;
  createdAt: Date;
  keyId: string;
  model: string;
  servedModel: string | null;
  stream: boolean;
  inputTokens: number;
  outputTokens: number;
  cacheWrite5mTokens: number;
  cacheWrite1hTokens: number;
  cacheReadTokens: number;
  webSearchRequests: number;
  amountNano: Nano;
  shortfallNano: Nano;
  forgivenNano: Nano;
  holdNano: Nano;
  ending: Ending;
  settledFrom: SettledFrom;
  status: number;
  stopReason: string | null;
  flags: string[];
  upstreamRequestId: string | null;
  firstByteMs: number | null;
  durationMs: number | null;
  /** There when asked for. */
  receipt?: unknown;
};

/**
 * One page of an account's requests, newest first. A page as long as `limit` may have another after it, which starts
 * after this one's last request.
 * @throws AppError not_found for an unknown account, or an `after` that is none of its requests.
 */
export async function listUsage(accountId: string, { limit, after, receipt }: ListUsage): Promise<UsageView[]> {
  await getAccount(accountId);
  const older = after === undefined ? {} : olderThan(await findRequest(accountId, after));
  const rows = await prisma().usage.findMany({
    where: { accountId, ...older },
    select: { ...SHOWN, ...(receipt ? { receipt: true as const } : {}) },
    orderBy: [{ createdAt: 'desc' }, { requestId: 'desc' }],
    take: limit,
  });
  return rows.map(withNumbers);
}

type Counts = Record<(typeof COUNTS)[number], bigint>;

/** Counts of one request are far below 2^53; money stays a bigint. */
function withNumbers<Row extends Counts>(row: Row): Omit<Row, keyof Counts> & Record<keyof Counts, number> {
  const counts = COUNTS.map((name) => [name, Number(row[name])] as const);
  return { ...row, ...(Object.fromEntries(counts) as Record<keyof Counts, number>) };
}

type Position = { requestId: string; createdAt: Date };

async function findRequest(accountId: string, requestId: string): Promise<Position> {
  const row = await prisma().usage.findFirst({
    where: { requestId, accountId },
    select: { requestId: true, createdAt: true },
  });
  if (!row)
    throw new AppError(
      'not_found',
      `Account ${accountId} has no request ${requestId} to go on after. Start from the newest.`,
    );
  return row;
}

function olderThan({ requestId, createdAt }: Position) {
  return { createdAt: { lte: createdAt }, NOT: { createdAt, requestId: { gte: requestId } } };
}

const COUNTS = [
  ...(['inputTokens', 'outputTokens', 'cacheWrite5mTokens', 'cacheWrite1hTokens', 'cacheReadTokens'] as const),
  'webSearchRequests',
] as const;

const SHOWN = {
  requestId: true,
  createdAt: true,
  keyId: true,
  model: true,
  servedModel: true,
  stream: true,
  inputTokens: true,
  outputTokens: true,
  cacheWrite5mTokens: true,
  cacheWrite1hTokens: true,
  cacheReadTokens: true,
  webSearchRequests: true,
  amountNano: true,
  shortfallNano: true,
  forgivenNano: true,
  holdNano: true,
  ending: true,
  settledFrom: true,
  status: true,
  stopReason: true,
  flags: true,
  upstreamRequestId: true,
  firstByteMs: true,
  durationMs: true,
} as const;
