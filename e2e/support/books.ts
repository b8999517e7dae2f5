import { fakeAnthropicControl } from '@/e2e/fakes/anthropic/control';
import type { LedgerRow } from '@/e2e/fakes/anthropic/ledger';
import type { LedgerReport } from '@/lib/contracts/ledger';
import type { Ending, SettledFrom } from '@/lib/domain/ending';
import { databaseOf } from './database-of';
import { eventually } from './eventually';
import type { SharedStack } from './shared-stack';

/** A usage row as the database has it. */
export interface UsageRow {
  requestId: string;
  upstreamRequestId: string | null;
  keyId: string;
  model: string;
  servedModel: string | null;
  stream: boolean;
  status: number;
  ending: Ending;
  settledFrom: SettledFrom;
  stopReason: string | null;
  inputTokens: number;
  outputTokens: number;
  cacheWrite5mTokens: number;
  cacheWrite1hTokens: number;
  cacheReadTokens: number;
  webSearchRequests: number;
  amountNano: bigint;
  shortfallNano: bigint;
  forgivenNano: bigint;
  holdNano: bigint;
  flags: string[];
}

export interface Balance {
  creditsNano: bigint;
  chargedNano: bigint;
  heldNano: bigint;
  availableNano: bigint;
}

type Stack = Pick<SharedStack, 'databaseUrl'>;

/** The usage of an account, oldest first, as soon as it has `count` rows and nothing is held any more. */
export async function settledUsage(stack: Stack, accountId: string, count: number): Promise<UsageRow[]> {
  return eventually(`${String(count)} usage rows and no hold of ${accountId}`, async () => {
    if ((await holdsOf(stack, accountId)) > 0) return undefined;
    const rows = await usageOf(stack, accountId);
    return rows.length >= count ? rows : undefined;
  });
}

/** The one usage row of an account. */
export async function onlyUsage(stack: Stack, accountId: string): Promise<UsageRow> {
  const rows = await settledUsage(stack, accountId, 1);
  if (rows.length !== 1 || !rows[0]) throw new Error(`${accountId} has ${String(rows.length)} usage rows, not one`);
  return rows[0];
}

export async function usageOf(stack: Stack, accountId: string): Promise<UsageRow[]> {
  const { rows } = await databaseOf(stack).query<WithTexts<UsageRow, Amount>>(USAGE, [accountId]);
  return rows.map((row) => ({
    ...row,
    amountNano: BigInt(row.amountNano),
    shortfallNano: BigInt(row.shortfallNano),
    forgivenNano: BigInt(row.forgivenNano),
    holdNano: BigInt(row.holdNano),
  }));
}

export async function holdsOf(stack: Stack, accountId: string): Promise<number> {
  const { rows } = await databaseOf(stack).query<{ holds: number }>(
    'SELECT count(*)::int AS holds FROM holds WHERE account_id = $1',
    [accountId],
  );
  return rows[0]?.holds ?? 0;
}

export async function balanceOf(stack: Stack, accountId: string): Promise<Balance> {
  const { rows } = await databaseOf(stack).query<Record<'credits' | 'charged' | 'held', string>>(
    'SELECT credits_posted AS credits, debits_posted AS charged, debits_pending AS held FROM accounts WHERE id = $1',
    [accountId],
  );
  const [row] = rows;
  if (!row) throw new Error(`there is no account ${accountId}`);
  const [creditsNano, chargedNano, heldNano] = [BigInt(row.credits), BigInt(row.charged), BigInt(row.held)];
  return { creditsNano, chargedNano, heldNano, availableNano: creditsNano - chargedNano - heldNano };
}

/** What `ledger verify --json` says, of one account or of all. */
export async function verifyBooks(stack: Pick<SharedStack, 'cli'>, accountId?: string): Promise<LedgerReport> {
  const { stdout, stderr } = await stack.cli([
    ...['ledger', 'verify', '--json'],
    ...(accountId === undefined ? [] : ['--account', accountId]),
  ]);
  if (stdout === '') throw new Error(`ledger verify said nothing: ${stderr}`);
  return JSON.parse(stdout) as LedgerReport;
}

/** What the stand-in would have billed for a request; waits for it, since it writes its row after its last byte. */
export async function upstreamBill(stack: Pick<SharedStack, 'fakeUrl'>, usage: UsageRow): Promise<LedgerRow> {
  return eventually(`the stand-in's row of ${String(usage.upstreamRequestId)}`, async () =>
    (await fakeAnthropicControl(stack.fakeUrl).ledger()).find((row) => row.requestId === usage.upstreamRequestId),
  );
}

type Amount = 'amountNano' | 'shortfallNano' | 'forgivenNano' | 'holdNano';
/** The driver gives the database's 64-bit numbers as text. */
type WithTexts<Row, Names extends keyof Row> = Omit<Row, Names> & Record<Names, string>;

const USAGE = `
  SELECT request_id AS "requestId", upstream_request_id AS "upstreamRequestId", key_id AS "keyId", model,
    served_model AS "servedModel", stream, status, ending, settled_from AS "settledFrom", stop_reason AS "stopReason",
    input_tokens::int AS "inputTokens", output_tokens::int AS "outputTokens",
    cache_write_5m_tokens::int AS "cacheWrite5mTokens", cache_write_1h_tokens::int AS "cacheWrite1hTokens",
    cache_read_tokens::int AS "cacheReadTokens", web_search_requests::int AS "webSearchRequests",
    amount_nano AS "amountNano", shortfall_nano AS "shortfallNano", forgiven_nano AS "forgivenNano",
    hold_nano AS "holdNano", flags
  FROM usage WHERE account_id = $1 ORDER BY created_at, request_id`;
