import { expect, test } from '@playwright/test';
import { fakeAnthropicControl } from './fakes/anthropic/control';
import type { LedgerRow } from './fakes/anthropic/ledger';
import { settledUsage, verifyBooks, type UsageRow } from './support/books';
import { ask, call, type Answer } from './support/call';
import { mixedRequest, type MixedRequest } from './support/mixed-requests';
import { question } from './support/question';
import { between, pick, seededRandom } from './support/random';
import { startStack, type Stack } from './support/start-stack';
import { createTestAccount, type TestAccount } from './support/test-account';

const REQUESTS = 1_000;
const CONCURRENCY = 50;
const ACCOUNTS = 5;

type Outcome = { request: MixedRequest; answer: Answer | undefined };

test('G-44 after 1,000 mixed requests at once every charge is what the upstream bills, or its difference has a name', async () => {
  test.setTimeout(180_000);
  const seed = Number(process.env['E2E_SEED'] ?? between(Math.random, 1, 1_000_000));
  console.log(`The mix is that of E2E_SEED=${String(seed)}`);
  const stack = await startStack();
  try {
    const accounts = await Promise.all(Array.from({ length: ACCOUNTS }, () => createTestAccount(stack)));
    const outcomes = await sendAll(stack, accounts, seed);
    expectWholeMix(outcomes);
    // One more on each account: whoever left at once may still be on the way to their hold, and is before it.
    await Promise.all(accounts.map(({ key }) => ask(stack.url, { key, body: question() })));

    const perAccount = await Promise.all(accounts.map(({ accountId }) => settledUsage(stack, accountId, 1)));
    const rows = perAccount.flat();
    const bills = await fakeAnthropicControl(stack.fakeUrl).ledger();
    expectAnswersMatch(outcomes, rows);
    expectChargesMatch(rows, bills);
    expectBillsKnown(rows, bills);
    expect(await verifyBooks(stack)).toMatchObject({
      ok: true,
      openHolds: 0,
      usageRows: rows.length,
      shortfallNano: '0',
    });
  } finally {
    await stack.stop();
  }
});

async function sendAll(stack: Stack, accounts: TestAccount[], seed: number): Promise<Outcome[]> {
  const random = seededRandom(seed);
  const others = ['error_event', 'error_event_details'];
  const scenarios = (await fakeAnthropicControl(stack.fakeUrl).scenarios()).filter((name) => !others.includes(name));
  const plan = Array.from({ length: REQUESTS }, () => ({
    request: mixedRequest(random, scenarios),
    account: pick(random, accounts),
  }));
  const outcomes: Outcome[] = [];
  const worker = async (): Promise<void> => {
    for (let next = plan.pop(); next !== undefined; next = plan.pop()) {
      const { request, account } = next;
      outcomes.push({ request, answer: await send(stack, account, request) });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return outcomes;
}

/** Undefined when the client left before there was an answer. */
async function send(stack: Stack, { key }: TestAccount, { body, leaves }: MixedRequest): Promise<Answer | undefined> {
  const request = call(stack.url, { key, body });
  const leave = (): void => request.leave();
  const timer = typeof leaves === 'number' ? setTimeout(leave, leaves) : undefined;
  if (leaves === 'amid') void request.until('content_block_delta').then(leave, () => undefined);
  const answer = await request.answer.catch((error: unknown) => {
    if (leaves === undefined) throw error;
    return undefined;
  });
  clearTimeout(timer);
  return answer;
}

/** The mix was a mix: enough of everything came about, and nothing ended otherwise than its kind can. */
function expectWholeMix(outcomes: Outcome[]): void {
  const kinds = new Map<string, number>();
  for (const { request, answer } of outcomes) {
    kinds.set(request.kind, (kinds.get(request.kind) ?? 0) + 1);
    if (answer) expect(request.statuses, `${request.kind}: ${answer.text.slice(0, 300)}`).toContain(answer.status);
  }
  expect(outcomes).toHaveLength(REQUESTS);
  expect(kinds.size).toBe(14);
  expect(outcomes.filter(({ answer }) => answer?.status === 200 && answer.ended === 'clean').length).toBeGreaterThan(
    500,
  );
  expect(outcomes.filter(({ answer }) => answer?.status === 200 && answer.ended === 'broken').length).toBeGreaterThan(
    50,
  );
  expect(outcomes.filter(({ answer }) => answer === undefined).length).toBeGreaterThan(10);
}

/** What a client saw end is booked as finished; what it saw break, and did not leave, is free. */
function expectAnswersMatch(outcomes: Outcome[], rows: UsageRow[]): void {
  const byId = new Map(rows.map((row) => [row.requestId, row]));
  expect(byId.size).toBe(rows.length);
  for (const { request, answer } of outcomes) {
    if (!answer || answer.status === 404) continue;
    const row = byId.get(String(answer.headers['request-id']));
    const told = `${request.kind}, ${JSON.stringify(request.leaves)}, ${answer.ended}, ${JSON.stringify(row?.ending)}`;
    expect(row, told).toBeDefined();
    if (answer.status === 200 && answer.ended === 'clean') expect(row?.ending, told).toBe('finished');
    else if (request.leaves === undefined) expect(row, told).toMatchObject({ settledFrom: 'none', amountNano: 0n });
  }
}

/** Finished: the same to the nano. All else: counted or forgiven, as the table of endings has it. */
function expectChargesMatch(rows: UsageRow[], bills: readonly LedgerRow[]): void {
  const byId = new Map(bills.map((bill) => [bill.requestId, bill]));
  const counts: Record<string, number> = {};
  for (const row of rows) {
    const bill = row.upstreamRequestId === null ? undefined : byId.get(row.upstreamRequestId);
    const label = labelOf(row, bill);
    counts[label] = (counts[label] ?? 0) + 1;
    const chargedNano = row.amountNano + row.shortfallNano;
    const told = `${row.requestId} (${label})`;
    switch (row.settledFrom) {
      case 'usage':
        expect(chargedNano.toString(), told).toBe(bill?.amountNano);
        break;
      case 'counted':
        expect(['client_left', 'client_left_early', 'finished'], told).toContain(row.ending);
        if (row.ending === 'finished') expect(row.flags, told).toContain('output_counted');
        break;
      case 'none':
        expect(chargedNano, told).toBe(0n);
        expect(row.ending, told).not.toBe('client_left');
        if (row.ending === 'finished') expect(row.flags, told).toContain('usage_missing');
    }
  }
  console.log('Endings:', counts);
  expect(Object.keys(counts).filter((label) => label.includes('unexplained'))).toEqual([]);
}

function labelOf(row: UsageRow, bill: LedgerRow | undefined): string {
  if (row.settledFrom === 'usage') return bill ? `${row.ending}: as billed` : `${row.ending}: unexplained`;
  return `${row.ending}: ${row.settledFrom === 'counted' ? 'counted' : 'forgiven'}`;
}

/** What the upstream bills we know, but for answers whose connection was gone before their headers had come. */
function expectBillsKnown(rows: UsageRow[], bills: readonly LedgerRow[]): void {
  const known = new Set(rows.map((row) => row.upstreamRequestId));
  const unknown = bills.filter((bill) => !known.has(bill.requestId));
  console.log(`Of ${String(bills.length)} answers of the upstream, ${String(unknown.length)} never reached us.`);
  for (const bill of unknown) expect(bill.finished, JSON.stringify(bill)).toBe(false);
  expect(unknown.length).toBeLessThan(REQUESTS / 50);
  const finishedNano = (of: bigint[]): bigint => of.reduce((sum, nano) => sum + nano, 0n);
  const finished = rows.filter((row) => row.settledFrom === 'usage');
  const ids = new Set(finished.map((row) => row.upstreamRequestId));
  expect(finishedNano(finished.map((row) => row.amountNano))).toBe(
    finishedNano(bills.filter((bill) => ids.has(bill.requestId)).map((bill) => BigInt(bill.amountNano))),
  );
}
