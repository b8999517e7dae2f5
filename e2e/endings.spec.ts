import { expect, test } from '@playwright/test';
import type { Fault } from './fakes/anthropic/fault';
import { balanceOf, onlyUsage, upstreamBill, verifyBooks, type UsageRow } from './support/books';
import { ask, call, errorOf, type Answer } from './support/call';
import { question, streamed, type Question } from './support/question';
import { sharedStack } from './support/shared-stack';
import { createTestAccount, type TestAccount } from './support/test-account';

// One ending for each request, and the ending decides the charge. What needs a stack of its own (silence, a server that
// stops, a database that is away) is in endings-outage.spec.ts; a crash is in crash.spec.ts.

const INPUT_NANO = 1_000;
const OUTPUT_NANO = 5_000;
/** Far more than anybody waits for here. */
const LONG_MS = 40_000;

const stack = sharedStack();

test.describe('finished: charged by the usage, exactly', () => {
  for (const [name, body] of Object.entries({
    JSON: question({ outputTokens: 40 }),
    stream: streamed({ outputTokens: 40 }),
  })) {
    test(name, async () => {
      const account = await createTestAccount(stack);
      const answer = await ask(stack.url, { key: account.key, body });
      expect(answer).toMatchObject({ status: 200, ended: 'clean' });
      const row = await onlyUsage(stack, account.accountId);
      expect(row).toMatchObject({ ending: 'finished', settledFrom: 'usage', status: 200, outputTokens: 40 });
      expect(row.amountNano.toString()).toBe((await upstreamBill(stack, row)).amountNano);
      expect(row.holdNano).toBeGreaterThan(row.amountNano);
      expect(row.forgivenNano).toBe(0n);
      await expectBooked(account, row);
    });
  }

  test('the charge is booked before the last event is released', async () => {
    const account = await createTestAccount(stack);
    const stream = call(stack.url, { key: account.key, body: streamed({ outputTokens: 40 }) });
    await stream.until('message_stop');
    expect((await balanceOf(stack, account.accountId)).chargedNano).toBeGreaterThan(0n);
    expect(await stream.answer).toMatchObject({ ended: 'clean' });
  });
});

test.describe('the client left after message_start: its input and what was delivered, counted', () => {
  test('amid a stream, which is cancelled upstream at once', async () => {
    const account = await createTestAccount(stack);
    const body = streamed({ outputTokens: 400, tokensPerEvent: 4, eventDelayMs: 25 });
    const stream = call(stack.url, { key: account.key, body });
    await stream.until('red sky sun day');
    stream.leave();
    const row = await onlyUsage(stack, account.accountId);
    expect(row).toMatchObject({ ending: 'client_left', settledFrom: 'counted', stopReason: null });
    const bill = await upstreamBill(stack, row);
    expect(bill).toMatchObject({ finished: false, cancelled: true });
    expect(row.inputTokens).toBe(bill.usage['input_tokens']);
    expect(row.outputTokens).toBeGreaterThan(0);
    expect(row.outputTokens).toBeLessThan(bill.deliveredOutputTokens + 8);
    expectCounted(row);
    await expectBooked(account, row);
  });

  test('before the first event: message_start is waited for, and its input charged', async () => {
    for (const fault of [{ firstEventDelayMs: 700 }, { delayMs: 700 }]) {
      const { row, account } = await leaveEarly(streamed({ outputTokens: 400, eventDelayMs: 25, ...fault }));
      expect(row).toMatchObject({ ending: 'client_left', settledFrom: 'counted' });
      expect(row.inputTokens).toBeGreaterThan(0);
      expect(row.outputTokens).toBeLessThan(10);
      expectCounted(row);
      await expectBooked(account, row);
    }
  });

  test('before a JSON answer that came: its input alone', async () => {
    const { row, account } = await leaveEarly(question({ outputTokens: 40, delayMs: 700 }));
    expect(row).toMatchObject({ ending: 'client_left', settledFrom: 'counted', outputTokens: 0 });
    expect(row.inputTokens).toBeGreaterThan(0);
    expectCounted(row);
    await expectBooked(account, row);
  });
});

test('G-39 the client left, and no message_start came within a few seconds: nothing', async () => {
  const bodies = [
    streamed({ firstEventDelayMs: LONG_MS }),
    streamed({ stallBeforeHeaders: true }),
    question({ delayMs: LONG_MS }),
  ];
  for (const { row, account } of await Promise.all(bodies.map(leaveEarly))) {
    expect(row).toMatchObject({ ending: 'client_left_early', settledFrom: 'none', amountNano: 0n });
    await expectBooked(account, row);
  }
});

test.describe('refused by the upstream: nothing', () => {
  for (const status of [400, 404, 413, 429, 500, 503, 529]) {
    test(String(status), async () => {
      const { row } = await fail(streamed({ status }), { status: status === 429 ? 529 : status, ended: 'clean' });
      expect(row).toMatchObject({ ending: 'refused', status: status === 429 ? 529 : status, forgivenNano: 0n });
    });
  }
});

test.describe('broken by the upstream before the answer: an HTTP error, and nothing charged', () => {
  const notAStream = 'event: message_start\ndata: {"type":"message_start","message":{\n\n';
  const broken: Record<string, { body: Question; status: number; ending: string }> = {
    'it hangs up': { body: question({ dropConnection: true }), status: 502, ending: 'upstream_failed' },
    'it cuts after the headers': { body: streamed({ cutAfterEvents: 0 }), status: 502, ending: 'upstream_failed' },
    'it ends after the headers': { body: streamed({ truncateAfterEvents: 0 }), status: 502, ending: 'upstream_failed' },
    'its first event is an error': {
      body: streamed({ errorEventAfterEvents: 0 }),
      status: 529,
      ending: 'upstream_failed',
    },
    'half of a JSON answer': { body: question({ truncateJson: true }), status: 502, ending: 'upstream_failed' },
    'a JSON answer that is none': { body: question({ rawBody: '{"type":"mess' }), status: 502, ending: 'malformed' },
    'JSON that is no message': {
      body: question({ rawBody: '{"type":"completion"}' }),
      status: 502,
      ending: 'malformed',
    },
    'HTML in place of a message': { body: question({ rawBody: '<html>Hi</html>' }), status: 502, ending: 'malformed' },
    'HTML in place of a stream': { body: streamed({ rawBody: '<html>Hi</html>' }), status: 502, ending: 'malformed' },
    'a wrong content type': { body: streamed({ contentType: 'application/json' }), status: 502, ending: 'malformed' },
    'a first event that is no JSON': {
      body: streamed({ rawBody: notAStream, contentType: 'text/event-stream' }),
      status: 502,
      ending: 'malformed',
    },
  };
  for (const [name, { body, status, ending }] of Object.entries(broken)) {
    test(name, async () => {
      const { row, answer } = await fail(body, { status, ended: 'clean' });
      expect(row.ending).toBe(ending);
      expect(errorOf(answer).type).toBe(status === 529 ? 'overloaded_error' : 'api_error');
      expect(errorOf(answer).message).toMatch(/not charged|Nothing was charged/);
      expect(answer.text).not.toContain('html');
    });
  }
});

test.describe('broken by the upstream amid the answer: an error event, a cut connection, and nothing charged', () => {
  const paced: Fault = { outputTokens: 60, eventDelayMs: 15 };
  const second = `event: message_start\ndata: {"type":"message_start","message":{"model":"m","usage":{"input_tokens":9,"output_tokens":1}}}\n\n`;
  const broken: Record<string, { fault: Fault; ending: string; type: string }> = {
    'it cuts': { fault: { ...paced, cutAfterEvents: 6 }, ending: 'upstream_failed', type: 'api_error' },
    'it ends without message_stop': {
      fault: { ...paced, truncateAfterEvents: 6 },
      ending: 'upstream_failed',
      type: 'api_error',
    },
    'it says it is overloaded': {
      fault: { ...paced, errorEventAfterEvents: 6 },
      ending: 'upstream_failed',
      type: 'overloaded_error',
    },
    'it tells of its own account': {
      fault: { ...paced, errorEventAfterEvents: 6, errorType: 'billing_error', message: 'Your credit balance is low' },
      ending: 'upstream_failed',
      type: 'api_error',
    },
    'an event that is no JSON': {
      fault: { rawBody: `${second}event: message_delta\ndata: {"type":\n\n`, contentType: 'text/event-stream' },
      ending: 'malformed',
      type: 'api_error',
    },
  };
  for (const [name, { fault, ending, type }] of Object.entries(broken)) {
    test(name, async () => {
      const { row, answer } = await fail(streamed(fault), { status: 200, ended: 'broken' });
      expect(row).toMatchObject({ ending, status: 200 });
      // What it cost the operator, as far as it is known, is kept in sight.
      expect(row.forgivenNano).toBeGreaterThan(0n);
      const frames = answer.text.split('\n\n');
      expect(frames[0]).toMatch(/^event: message_start\n/);
      expect(frames.pop()).toBe('');
      expect(frames.pop()).toMatch(new RegExp(`^event: error\\ndata: {"type":"error","error":{"type":"${type}"`));
      expect(answer.text).not.toContain('credit balance');
      expect(answer.text).not.toContain('event: message_stop');
    });
  }
});

test('after all of these the books balance', async () => {
  expect(await verifyBooks(stack)).toMatchObject({ ok: true, differences: [] });
});

/** Asks, leaves at once, and waits for how it ended. */
async function leaveEarly(body: Question): Promise<{ row: UsageRow; account: TestAccount }> {
  const account = await createTestAccount(stack);
  const request = call(stack.url, { key: account.key, body });
  await expect.poll(async () => (await balanceOf(stack, account.accountId)).heldNano).toBeGreaterThan(0n);
  request.leave();
  return { row: await onlyUsage(stack, account.accountId), account };
}

/** Asks for an answer that fails in the way that is expected, and gives it with its uncharged row. */
async function fail(
  body: Question,
  expected: Pick<Answer, 'status' | 'ended'>,
): Promise<{ row: UsageRow; answer: Answer }> {
  const account = await createTestAccount(stack);
  const answer = await ask(stack.url, { key: account.key, body });
  expect(answer, answer.text).toMatchObject(expected);
  const row = await onlyUsage(stack, account.accountId);
  expect(row).toMatchObject({ settledFrom: 'none', amountNano: 0n, shortfallNano: 0n });
  await expectBooked(account, row);
  return { row, answer };
}

function expectCounted(row: UsageRow): void {
  expect(Number(row.amountNano)).toBe(row.inputTokens * INPUT_NANO + row.outputTokens * OUTPUT_NANO);
}

async function expectBooked({ accountId }: TestAccount, row: UsageRow): Promise<void> {
  expect(await balanceOf(stack, accountId)).toMatchObject({ chargedNano: row.amountNano, heldNano: 0n });
}
