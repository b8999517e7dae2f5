import { expect, test } from '@playwright/test';
import { fakeAnthropicControl } from './fakes/anthropic/control';
import { holdsOf, settledUsage, usageOf, verifyBooks } from './support/books';
import { ask, call, type Answer, type Call } from './support/call';
import { eventually } from './support/eventually';
import { question, streamed } from './support/question';
import { startStack, type Stack } from './support/start-stack';
import { createTestAccount, type TestAccount } from './support/test-account';

const STREAMS = 50;
const JSON_ANSWERS = 5;
/** The reaper takes a process for dead after half a minute of silence, and everything is settled within one. */
const REAPED_WITHIN_MS = 60_000;

let stack: Stack;

test.beforeAll(async () => {
  stack = await startStack();
});
test.afterAll(() => stack.stop());

test('kill -9 amid 50 streams: what was finished is charged once, what was not is free, and no hold stays', async () => {
  test.setTimeout(150_000);
  const account = await createTestAccount(stack);
  const calls = startCalls(account);
  await eventually('half of the streams have ended', async () =>
    (await usageOf(stack, account.accountId)).length >= STREAMS / 2 ? true : undefined,
  );
  await stack.killWeb();
  const answers = await Promise.all(calls.map(({ answer }) => answer.catch(() => undefined)));
  const heldAfterCrash = await holdsOf(stack, account.accountId);
  expect(heldAfterCrash).toBeGreaterThan(JSON_ANSWERS);

  await stack.startWeb();
  expect((await ask(stack.url, { key: account.key, body: question() })).status).toBe(200);
  await eventually(
    'the reaper settles what the crash left',
    async () => ((await holdsOf(stack, account.accountId)) === 0 ? true : undefined),
    REAPED_WITHIN_MS,
  );
  await expectSettled(account, answers, heldAfterCrash);
});

/** Streams that end one after the other, from under a second to some four, and JSON answers that do not come in time. */
function startCalls({ key }: TestAccount): Call[] {
  const streams = Array.from({ length: STREAMS }, (_, at) =>
    call(stack.url, { key, body: streamed({ outputTokens: 60, tokensPerEvent: 3, eventDelayMs: 30 + at * 3 }) }),
  );
  const json = Array.from({ length: JSON_ANSWERS }, () =>
    call(stack.url, { key, body: question({ outputTokens: 60, delayMs: 20_000 }) }),
  );
  return [...streams, ...json];
}

async function expectSettled(
  { accountId }: TestAccount,
  answers: (Answer | undefined)[],
  heldAfterCrash: number,
): Promise<void> {
  const rows = await settledUsage(stack, accountId, STREAMS + JSON_ANSWERS + 1);
  expect(rows).toHaveLength(STREAMS + JSON_ANSWERS + 1);
  const byId = new Map(rows.map((row) => [row.requestId, row]));
  expect(byId.size).toBe(rows.length);

  // What a client saw end was booked before.
  const ended = answers.filter((answer) => answer?.text.includes('event: message_stop'));
  expect(ended.length).toBeGreaterThanOrEqual(STREAMS / 2 - 2);
  for (const answer of ended) expect(byId.get(String(answer?.headers['request-id']))?.ending).toBe('finished');

  const bills = new Map((await fakeAnthropicControl(stack.fakeUrl).ledger()).map((bill) => [bill.requestId, bill]));
  const crashed = rows.filter((row) => row.ending === 'crashed');
  expect(crashed).toHaveLength(heldAfterCrash);
  for (const row of rows.filter(({ ending }) => ending !== 'crashed')) {
    const bill = bills.get(String(row.upstreamRequestId));
    expect(row).toMatchObject({ ending: 'finished', settledFrom: 'usage' });
    expect(bill).toMatchObject({ finished: true, amountNano: row.amountNano.toString() });
  }
  for (const row of crashed) expect(row).toMatchObject({ settledFrom: 'none', amountNano: 0n, status: 500 });
  expect(await verifyBooks(stack)).toMatchObject({ ok: true, openHolds: 0, usageRows: rows.length });
}
