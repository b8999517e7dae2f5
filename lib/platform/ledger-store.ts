import type { Ending, SettledFrom } from '@/lib/domain/ending';
import type { Nano } from '@/lib/domain/money';
import type { ReceiptLine } from '@/lib/domain/pricing';
import { database } from './database';

export type HoldRequest = {
  requestId: string;
  accountId: string;
  keyId: string;
  instanceId: string;
  /** What to hold, and the least that is of use: between the two, all that is available is held. */
  wantedNano: Nano;
  minimumNano: Nano;
  model: string;
  stream: boolean;
  createdAt: Date;
};

export type HoldOutcome = {
  outcome: 'held' | 'insufficient' | 'key_limit' | 'key_refused' | 'account_suspended';
  heldNano: Nano;
  availableNano: Nano;
  /** What the account's running requests hold, this one included. */
  pendingNano: Nano;
  /** What is left of the key's spend limit; null without a limit. */
  keyRemainingNano: Nano | null;
};

/** A usage row as it is written; money and counts as the ledger keeps them. */
export type UsageRow = {
  requestId: string;
  createdAt: Date;
  accountId: string;
  keyId: string;
  model: string;
  servedModel: string | null;
  upstream: string | null;
  upstreamRequestId: string | null;
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
  /** What is due. What exceeds the customer's balance becomes a shortfall. */
  amountNano: Nano;
  /** What the upstream bills for an answer that is forgiven. */
  forgivenNano: Nano;
  receipt: ReceiptLine[];
  flags: string[];
  firstByteMs: number | null;
  durationMs: number | null;
};

export type Settlement = {
  outcome: 'settled' | 'replaced' | 'already' | 'unknown';
  postedNano: Nano;
  shortfallNano: Nano;
};

/** Places a hold by one conditional write; never takes a balance or a key's limit below zero. */
export async function placeHold(hold: HoldRequest): Promise<HoldOutcome> {
  const { rows } = await database().query<HoldRow>({
    name: 'ledger_place_hold',
    text: 'SELECT outcome, held_nano, available_nano, pending_nano, key_remaining_nano FROM ledger_place_hold($1, $2, $3, $4, $5, $6, $7, $8, $9)',
    values: [
      hold.requestId,
      hold.accountId,
      hold.keyId,
      hold.instanceId,
      hold.wantedNano.toString(),
      hold.minimumNano.toString(),
      hold.model,
      hold.stream,
      hold.createdAt,
    ],
  });
  const row = only(rows);
  return {
    outcome: row.outcome,
    heldNano: BigInt(row.held_nano),
    availableNano: BigInt(row.available_nano ?? '0'),
    pendingNano: BigInt(row.pending_nano ?? '0'),
    keyRemainingNano: row.key_remaining_nano === null ? null : BigInt(row.key_remaining_nano),
  };
}

/** Settles a request exactly once: frees its hold, posts the charge, writes its usage row and its hour, in one commit. */
export async function settle(row: UsageRow, threadMessageId: string | null): Promise<Settlement> {
  const { rows } = await database().query<SettlementRow>({
    name: 'ledger_settle',
    text: 'SELECT outcome, posted_nano, shortfall_nano FROM ledger_settle($1, $2)',
    values: [usageRecord(row), threadMessageId],
  });
  const settled = only(rows);
  return {
    outcome: settled.outcome,
    postedNano: BigInt(settled.posted_nano),
    shortfallNano: BigInt(settled.shortfall_nano),
  };
}

type HoldRow = {
  outcome: HoldOutcome['outcome'];
  held_nano: string;
  available_nano: string | null;
  pending_nano: string | null;
  key_remaining_nano: string | null;
};
type SettlementRow = { outcome: Settlement['outcome']; posted_nano: string; shortfall_nano: string };

/** The row as JSON by column name; the database casts each value to its column's type. */
function usageRecord(row: UsageRow): string {
  return JSON.stringify({
    request_id: row.requestId,
    created_at: row.createdAt,
    account_id: row.accountId,
    key_id: row.keyId,
    model: row.model,
    served_model: row.servedModel,
    upstream: row.upstream,
    upstream_request_id: row.upstreamRequestId,
    stream: row.stream,
    status: row.status,
    ending: row.ending,
    settled_from: row.settledFrom,
    stop_reason: row.stopReason,
    input_tokens: row.inputTokens,
    output_tokens: row.outputTokens,
    cache_write_5m_tokens: row.cacheWrite5mTokens,
    cache_write_1h_tokens: row.cacheWrite1hTokens,
    cache_read_tokens: row.cacheReadTokens,
    web_search_requests: row.webSearchRequests,
    hold_nano: 0,
    amount_nano: row.amountNano.toString(),
    shortfall_nano: 0,
    forgiven_nano: row.forgivenNano.toString(),
    receipt: row.receipt,
    flags: row.flags,
    first_byte_ms: row.firstByteMs,
    duration_ms: row.durationMs,
  });
}

function only<T>(rows: T[]): T {
  const [row] = rows;
  if (!row) throw new Error('the ledger answered with no row');
  return row;
}
