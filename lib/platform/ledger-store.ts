import type { Ending, SettledFrom } from '@/lib/domain/ending';
import type { Nano } from '@/lib/domain/money';
import type { ReceiptLine } from '@/lib/domain/pricing';
import { Batch } from './batch';
import { database, isDatabaseAway, isDatabaseBusy } from './database';
import { once } from './once';

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

/** A settlement as it goes to the database, or to disk when that is away. */
export type SettlementRecord = Readonly<Record<string, unknown>>;

export type Settlement = {
  outcome: 'settled' | 'replaced' | 'already' | 'unknown';
  postedNano: Nano;
  shortfallNano: Nano;
};

/** Holds wait for nothing, so that two batches may overlap; settlements gain more from sharing a commit. */
const HOLD_BATCHES = { inFlightMax: 2, itemsMax: 200 };
const SETTLE_BATCHES = { inFlightMax: 2, itemsMax: 200 };

/** Places a hold by a conditional write; never takes a balance or a key's limit below zero. Holds of one moment share a commit. */
export function placeHold(hold: HoldRequest): Promise<HoldOutcome> {
  const batch = once('hold-batch', () => new Batch(placeHolds, { ...HOLD_BATCHES, aloneAfter: isRefusedAsWhole }));
  return batch.add(hold);
}

/**
 * Settles a request exactly once: frees its hold, posts the charge, writes its usage row and its hour, in one commit, which
 * settlements of one moment share.
 */
export function settle(row: UsageRow, threadMessageId: string | null): Promise<Settlement> {
  return settleRecord(settlementRecord(row, threadMessageId));
}

/** The same for a settlement that was kept on disk. */
export function settleRecord(record: SettlementRecord): Promise<Settlement> {
  const batch = once('settle-batch', () => new Batch(settleMany, { ...SETTLE_BATCHES, aloneAfter: isRefusedAsWhole }));
  return batch.add(record);
}

/** One item that the database refuses must not cost its neighbours: nothing of the batch is written, and each is tried alone. */
function isRefusedAsWhole(error: unknown): boolean {
  return isDatabaseBusy(error) || !isDatabaseAway(error);
}

async function placeHolds(holds: HoldRequest[]): Promise<HoldOutcome[]> {
  const { rows } = await database().query<HoldRow>({
    name: 'ledger_place_holds',
    text: 'SELECT outcome, held_nano, available_nano, pending_nano, key_remaining_nano FROM ledger_place_holds($1)',
    values: [JSON.stringify(holds.map(holdRecord))],
  });
  return rows.map((row) => ({
    outcome: row.outcome,
    heldNano: BigInt(row.held_nano),
    availableNano: BigInt(row.available_nano ?? '0'),
    pendingNano: BigInt(row.pending_nano ?? '0'),
    keyRemainingNano: row.key_remaining_nano === null ? null : BigInt(row.key_remaining_nano),
  }));
}

async function settleMany(records: SettlementRecord[]): Promise<Settlement[]> {
  const { rows } = await database().query<SettlementRow>({
    name: 'ledger_settle_many',
    text: 'SELECT outcome, posted_nano, shortfall_nano FROM ledger_settle_many($1)',
    values: [JSON.stringify(records)],
  });
  return rows.map((row) => ({
    outcome: row.outcome,
    postedNano: BigInt(row.posted_nano),
    shortfallNano: BigInt(row.shortfall_nano),
  }));
}

type HoldRow = {
  outcome: HoldOutcome['outcome'];
  held_nano: string;
  available_nano: string | null;
  pending_nano: string | null;
  key_remaining_nano: string | null;
};
type SettlementRow = { outcome: Settlement['outcome']; posted_nano: string; shortfall_nano: string };

function holdRecord(hold: HoldRequest): Record<string, unknown> {
  return {
    request_id: hold.requestId,
    account_id: hold.accountId,
    key_id: hold.keyId,
    instance_id: hold.instanceId,
    wanted: hold.wantedNano.toString(),
    minimum: hold.minimumNano.toString(),
    model: hold.model,
    stream: hold.stream,
    created_at: hold.createdAt,
  };
}

/** A settlement as JSON carries it: the usage row by column name, whose values the database casts to their types. */
export function settlementRecord(row: UsageRow, threadMessageId: string | null): SettlementRecord {
  return {
    thread_message_id: threadMessageId,
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
  };
}
