import fs from 'node:fs';
import { expect, test } from '@playwright/test';
import { fakeAnthropicControl } from './fakes/anthropic/control';
import type { Fault } from './fakes/anthropic/fault';
import { balanceOf, onlyUsage, settledUsage, upstreamBill, usageOf, verifyBooks, type UsageRow } from './support/books';
import { ask, call, errorOf, type Answer } from './support/call';
import { eventually } from './support/eventually';
import { question, streamed, type Question } from './support/question';
import { startStack, type Stack } from './support/start-stack';
import { createTestAccount } from './support/test-account';

// The endings that need short patience, or something taken away: silence, a server that stops, a database that is gone.

const PING_MS = 300;
const STALL_MS = 2_000;
const FIRST_BYTE_MS = 3_500;
const DRAIN_MS = 2_500;
const PING = 'event: ping\ndata: {"type":"ping"}\n\n';

let stack: Stack;
let journalFolder: string;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  stack = await startStack({
    environment: {
      STREAM_PING_INTERVAL_MS: String(PING_MS),
      UPSTREAM_STALL_TIMEOUT_MS: String(STALL_MS),
      UPSTREAM_FIRST_BYTE_TIMEOUT_MS: String(FIRST_BYTE_MS),
      DRAIN_TIMEOUT_MS: String(DRAIN_MS),
    },
  });
  journalFolder = stack.environment['JOURNAL_FOLDER'] ?? '';
});
test.afterAll(() => stack.stop());

test.describe('stalled: nothing charged', () => {
  test('before the headers, before the first event, and amid a JSON answer: 504', async () => {
    const bodies = [
      streamed({ stallBeforeHeaders: true }),
      question({ stallBeforeHeaders: true }),
      streamed({ firstEventDelayMs: 30_000 }),
    ];
    for (const { answer, row } of await Promise.all(bodies.map(askOnce))) {
      // A stream's client may have been told by pings that the answer has begun.
      if (answer.status === 200) expectBrokenBy(answer, 'timeout_error');
      else {
        expect(answer, answer.text).toMatchObject({ status: 504, ended: 'clean' });
        expect(errorOf(answer).type).toBe('timeout_error');
      }
      expect(row).toMatchObject({ ending: 'stalled', settledFrom: 'none', amountNano: 0n });
    }
  });

  test('amid a stream: an error event and a cut connection', async () => {
    const { answer, row } = await askOnce(streamed({ outputTokens: 60, stallAfterEvents: 6, eventDelayMs: 15 }));
    expect(answer.status).toBe(200);
    expectBrokenBy(answer, 'timeout_error');
    expect(row).toMatchObject({ ending: 'stalled', settledFrom: 'none', amountNano: 0n });
    expect(row.forgivenNano).toBeGreaterThan(0n);
  });
});

test.describe('G-22 pings', () => {
  const silence: Fault = { outputTokens: 20, pings: 0, silentMs: PING_MS * 4 };

  test('are put in after silence, between frames, and change neither the rest nor the charge', async () => {
    const { answer, row } = await askOnce(streamed({ ...silence, silenceAfterEvents: 4 }));
    expect(answer).toMatchObject({ status: 200, ended: 'clean' });
    const frames = framesOf(answer);
    expect(frames.slice(4).filter((frame) => frame === PING).length).toBeGreaterThanOrEqual(2);
    expect(frames.slice(0, 4)).not.toContain(PING);
    const { answer: quiet } = await askOnce(streamed({ outputTokens: 20, pings: 0 }));
    expect(kinds(frames.filter((frame) => frame !== PING))).toEqual(kinds(framesOf(quiet)));
    expect(row).toMatchObject({ ending: 'finished', outputTokens: 20 });
    expect(row.amountNano.toString()).toBe((await upstreamBill(stack, row)).amountNano);
  });

  test('never within a frame: silence there is left alone', async () => {
    const { answer } = await askOnce(streamed({ ...silence, splitAt: 700 }));
    expect(answer).toMatchObject({ status: 200, ended: 'clean' });
    const gapMs = Math.max(...answer.chunks.slice(1).map(({ atMs }, at) => atMs - (answer.chunks[at]?.atMs ?? 0)));
    expect(gapMs).toBeGreaterThan(PING_MS * 3);
    for (const frame of framesOf(answer)) expect(frame).toMatch(/^event: \w+\ndata: \{[^\n]+\}\n\n$/);
    const opened = framesOf(answer).findIndex((frame) => frame.includes('message_start'));
    expect(framesOf(answer).slice(opened).join('')).not.toContain(`${PING}event: content_block_delta`);
  });
});

test('a try that fails before the answer is made up for by another, and charged once', async () => {
  const control = fakeAnthropicControl(stack.fakeUrl);
  for (const fault of [{ status: 529 }, { dropConnection: true }] satisfies Fault[]) {
    await control.queueFault(fault);
    const { answer, row } = await askOnce(question({ outputTokens: 30 }));
    expect(answer.status).toBe(200);
    expect(row).toMatchObject({ ending: 'finished', outputTokens: 30 });
    expect(row.amountNano.toString()).toBe((await upstreamBill(stack, row)).amountNano);
  }
});

test.describe('the database is away', () => {
  test('amid an answer: it ends well, kept in the journal, and is charged when the database is back; new requests get 503', async () => {
    const { accountId, key } = await createTestAccount(stack);
    // Both end while the database is away.
    const stream = call(stack.url, { key, body: streamed({ outputTokens: 40, eventDelayMs: 80 }) });
    const json = call(stack.url, { key, body: question({ outputTokens: 40, delayMs: 1_000 }) });
    await stream.until('content_block_delta');
    await expect.poll(() => balanceOf(stack, accountId).then(({ heldNano }) => heldNano)).toBeGreaterThan(1_000_000n);
    await stack.stopPostgres();
    const started = performance.now();
    const refused = await Promise.all([
      ask(stack.url, { key, body: question() }),
      ask(stack.url, { key, body: streamed() }),
    ]);
    expect(performance.now() - started).toBeLessThan(10_000);
    for (const answer of refused) {
      expect(answer.status, answer.text).toBe(503);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60);
      expect(errorOf(answer)).toMatchObject({ type: 'api_error' });
    }
    const [streamAnswer, jsonAnswer] = await Promise.all([stream.answer, json.answer]);
    expect(streamAnswer).toMatchObject({ status: 200, ended: 'clean' });
    expect(streamAnswer.text).toContain('message_stop');
    expect(jsonAnswer).toMatchObject({ status: 200, ended: 'clean' });
    expect(fs.readdirSync(journalFolder)).toHaveLength(1);
    await stack.startPostgres();
    const rows = await settledUsage(stack, accountId, 2);
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toMatchObject({ ending: 'finished', settledFrom: 'usage', outputTokens: 40 });
    const charged = rows.reduce((sum, { amountNano }) => sum + amountNano, 0n);
    expect(charged).toBeGreaterThan(0n);
    expect(await balanceOf(stack, accountId)).toMatchObject({ chargedNano: charged, heldNano: 0n });
    await eventually('the journal to be empty', () => (fs.readdirSync(journalFolder).length === 0 ? true : undefined));
  });

  test('and the process dies before it is back: what it kept is charged by the next one, once', async () => {
    test.setTimeout(150_000);
    const { accountId, key } = await createTestAccount(stack);
    const json = call(stack.url, { key, body: question({ outputTokens: 40, delayMs: 1_000 }) });
    await expect.poll(() => balanceOf(stack, accountId).then(({ heldNano }) => heldNano)).toBeGreaterThan(0n);
    await stack.stopPostgres();
    expect(await json.answer).toMatchObject({ status: 200, ended: 'clean' });
    await stack.killWeb();
    await stack.startPostgres();
    await stack.startWeb();
    const [row] = await eventually(
      'the journal to be booked',
      async () => {
        const rows = await usageOf(stack, accountId);
        return rows.some(({ ending }) => ending === 'finished') ? rows : undefined;
      },
      90_000,
    );
    expect(row).toMatchObject({ ending: 'finished', settledFrom: 'usage', outputTokens: 40 });
    expect(await balanceOf(stack, accountId)).toMatchObject({ chargedNano: row?.amountNano, heldNano: 0n });
    await eventually('the journal to be empty', () => (fs.readdirSync(journalFolder).length === 0 ? true : undefined));
  });

  test('and comes back: everything works again by itself, and the books balance', async () => {
    await eventually('a request is answered', async () => {
      const { key } = await createTestAccount(stack);
      const answer = await ask(stack.url, { key, body: question() });
      return answer.status === 200 ? true : undefined;
    });
    expect(await verifyBooks(stack)).toMatchObject({ ok: true, openHolds: 0 });
  });
});

test.describe('the server stops', () => {
  test('what ends in time is finished and charged; what does not gets an error event and is free', async () => {
    const accounts = await Promise.all([1, 2, 3, 4].map(() => createTestAccount(stack)));
    const [inTime, late, lateJson, left] = accounts.map(({ accountId, key }, at) => {
      const slow = { outputTokens: 2_000, eventDelayMs: 50 };
      const body = [
        streamed({ outputTokens: 40, eventDelayMs: 80 }),
        streamed(slow, { max_tokens: 4_000 }),
        question({ outputTokens: 5, delayMs: 30_000 }),
        streamed(slow, { max_tokens: 4_000 }),
      ][at];
      return { accountId, request: call(stack.url, { key, body: body ?? {} }) };
    });
    if (!inTime || !late || !lateJson || !left) throw new Error('there are four');
    await Promise.all([inTime, late, left].map(({ request }) => request.until('content_block_delta')));
    await expect.poll(() => balanceOf(stack, lateJson.accountId).then((b) => b.heldNano)).toBeGreaterThan(0n);

    const stopped = stack.stopWeb();
    await eventually('new connections are refused', () =>
      ask(stack.url, { path: '/v1/models' }).then(
        () => undefined,
        () => true,
      ),
    );
    left.request.leave();
    expect(await inTime.request.answer).toMatchObject({ status: 200, ended: 'clean' });
    expectBrokenBy(await late.request.answer, 'api_error');
    const jsonAnswer = await lateJson.request.answer;
    expect(jsonAnswer).toMatchObject({ status: 503 });
    expect(Number(jsonAnswer.headers['retry-after'])).toBeGreaterThan(0);
    await stopped;

    // Nothing was left for a reaper: the server settled everything before it went.
    const endings = await Promise.all(accounts.map(({ accountId }) => onlyUsage(stack, accountId)));
    expect(endings.map((row) => row.ending)).toEqual(['finished', 'stopped', 'stopped', 'client_left']);
    const [finished, ...others] = endings;
    expect(finished?.amountNano.toString()).toBe((await upstreamBill(stack, finished as UsageRow)).amountNano);
    expect(others.map((row) => row.settledFrom)).toEqual(['none', 'none', 'counted']);
    expect(others.slice(0, 2).map((row) => row.amountNano)).toEqual([0n, 0n]);
    expect(await verifyBooks(stack)).toMatchObject({ ok: true, openHolds: 0 });
  });

  test('and is started again: it serves', async () => {
    await stack.startWeb();
    const { answer } = await askOnce(streamed());
    expect(answer).toMatchObject({ status: 200, ended: 'clean' });
  });
});

/** One request of a new account, and how it ended. */
async function askOnce(body: Question): Promise<{ answer: Answer; row: UsageRow }> {
  const { accountId, key } = await createTestAccount(stack);
  const answer = await ask(stack.url, { key, body });
  return { answer, row: await onlyUsage(stack, accountId) };
}

/** The stream ends in our error event of this type and a connection that is cut. */
function expectBrokenBy(answer: Answer, type: string): void {
  expect(answer.ended).toBe('broken');
  expect(framesOf(answer).pop()).toMatch(new RegExp(`^event: error\\ndata: {"type":"error","error":{"type":"${type}"`));
  expect(answer.text).toContain(`"request_id":"${String(answer.headers['request-id'])}"`);
  expect(answer.text).not.toContain('event: message_stop');
}

function framesOf(answer: Answer): string[] {
  return answer.text.match(/[^]+?\n\n/g) ?? [];
}

function kinds(frames: string[]): (string | undefined)[] {
  return frames.map((frame) => /^event: (\w+)/.exec(frame)?.[1]);
}
