import { asCost, correction, decide, refill, take, type RateLimits } from '@/lib/domain/rate-limit';
import { newAdmission, type ActualTokens, type Admission, type AdmitRequest, type RateLimiter } from './limiter';
import { ScopeTable, type ScopeEntry } from './scope-table';

/** The limiter of a single process: the arithmetic of the domain over two bounded tables, a few microseconds a call. */
export class MemoryRateLimiter implements RateLimiter {
  private readonly keys: ScopeTable;
  private readonly accounts: ScopeTable;
  private readonly now: () => number;

  constructor(options: { now?: () => number; entriesMost?: number } = {}) {
    this.now = options.now ?? Date.now;
    this.keys = new ScopeTable(options.entriesMost);
    this.accounts = new ScopeTable(options.entriesMost);
  }

  admit(request: AdmitRequest): Promise<Admission> {
    const nowMs = this.now();
    const key = find(this.keys, request.key, nowMs);
    const account = find(this.accounts, request.account, nowMs);
    const cost = { requests: 1, inputTokens: asCost(request.inputTokens), outputTokens: asCost(request.outputTokens) };
    const decision = decide(nowMs, read(key, nowMs), read(account, nowMs), cost);
    if (decision.refusal === null) {
      key.levels = decision.key.levels;
      key.running += 1;
      account.levels = decision.account.levels;
      account.running += 1;
    }
    return Promise.resolve(newAdmission(request, decision, 'process'));
  }

  settle(admission: Admission, actual: ActualTokens): void {
    if (admission.settled) return;
    admission.settled = true;
    const { request } = admission;
    const nowMs = this.now();
    this.correct(this.keys.get(request.key.id), request, actual, request.key.limits, nowMs);
    this.correct(this.accounts.get(request.account.id), request, actual, request.account.limits, nowMs);
  }

  release(admission: Admission): void {
    if (admission.released) return;
    admission.released = true;
    const { key, account } = admission.request;
    endOne(this.keys.get(key.id));
    endOne(this.accounts.get(account.id));
  }

  close(): void {
    // Nothing is held open: no timer, no connection.
  }

  /** How many keys and accounts are remembered. */
  get size(): number {
    return this.keys.size + this.accounts.size;
  }

  private correct(
    entry: ScopeEntry | undefined,
    reserved: AdmitRequest,
    actual: ActualTokens,
    limits: RateLimits,
    nowMs: number,
  ): void {
    // Forgotten means full: a debt found after that is too old or too rare to keep.
    if (entry === undefined) return;
    const levels = refill(entry.levels, limits, nowMs);
    entry.levels = take({ limits, levels }, correction(reserved, actual, limits));
  }
}

/** The limits of the newest request count: an operator's change takes effect with the next one. */
function find(table: ScopeTable, scope: AdmitRequest['key'], nowMs: number): ScopeEntry {
  const entry = table.get(scope.id) ?? table.add(scope.id, scope.limits, nowMs);
  entry.limits = scope.limits;
  return entry;
}

function read(entry: ScopeEntry, nowMs: number) {
  return { limits: entry.limits, levels: refill(entry.levels, entry.limits, nowMs), running: entry.running };
}

function endOne(entry: ScopeEntry | undefined): void {
  if (entry !== undefined && entry.running > 0) entry.running -= 1;
}
