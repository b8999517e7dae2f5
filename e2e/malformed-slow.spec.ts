import net from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@playwright/test';
import { balanceOf, holdsOf, onlyUsage, usageOf } from './support/books';
import { ask } from './support/call';
import { readAnswers, type RawAnswer } from './support/malformed-answers';
import { question, streamed } from './support/question';
import { startStack, type Stack } from './support/start-stack';
import { createTestAccount, type TestAccount } from './support/test-account';

const HEADERS_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 2_000;
const PIECE_MS = 100;
/** Slow clients at a time, more than a server with a thread or a slot for each would bear. */
const SLOW_CLIENTS = 300;

test.describe.configure({ mode: 'default', timeout: 60_000 });
let stack: Stack;
let customer: TestAccount;

test.beforeAll(async () => {
  const timeouts = { CLIENT_HEADERS_TIMEOUT_MS: HEADERS_TIMEOUT_MS, CLIENT_REQUEST_TIMEOUT_MS: REQUEST_TIMEOUT_MS };
  const environment = Object.fromEntries(Object.entries(timeouts).map(([name, value]) => [name, String(value)]));
  stack = await startStack({ environment, worker: false });
});
test.afterAll(() => stack.stop());
test.beforeEach(async () => {
  customer = await createTestAccount(stack);
});

/** Sends `begin`, and then `drop` again and again, until the server has enough of it. */
async function dribble(begin: string, drop: string): Promise<RawAnswer[]> {
  const socket = net.connect(Number(new URL(stack.url).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => undefined);
  // Not `once`, which rejects where the server closes while a drop is on its way.
  const close = new Promise<true>((resolve) => socket.once('close', () => resolve(true)));
  socket.write(begin);
  while (!(await Promise.race([close, sleep(PIECE_MS)]))) {
    if (drop !== '' && socket.writable) socket.write(drop);
  }
  return readAnswers(Buffer.concat(chunks), 'POST');
}

function begun(key: string, length: number): string {
  return `POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: ${key}\r\ncontent-length: ${String(length)}\r\n`;
}

test('clients that dribble or say nothing are let go with 408, and cost nothing', async () => {
  const answers = await Promise.all([
    dribble(begun(customer.key, 100_000), 'x-a: b\r\n'),
    dribble(`${begun(customer.key, 100_000)}\r\n{"model":`, ' '),
    dribble(`${begun(customer.key, 100_000)}\r\n{"model":`, ''),
    dribble('POST /v1/mess', ''),
    dribble('', ''),
  ]);
  for (const [answer, ...more] of answers) {
    expect([answer?.status, answer?.body.length, more]).toEqual([408, 0, []]);
  }
  expect(await usageOf(stack, customer.accountId)).toEqual([]);
  expect(await holdsOf(stack, customer.accountId)).toBe(0);
  expect(stack.output()).not.toContain('a request failed');
});

test('who is slow but in time is served, and an answer may take longer than its request', async () => {
  const body = JSON.stringify(question());
  const socket = net.connect(Number(new URL(stack.url).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  const close = once(socket, 'close');
  const bytes = `${begun(customer.key, body.length)}connection: close\r\n\r\n${body}`;
  for (let at = 0; at < bytes.length; at += 40) {
    socket.write(bytes.slice(at, at + 40));
    await sleep(PIECE_MS / 2);
  }
  await close;
  expect(readAnswers(Buffer.concat(chunks), 'POST').map(({ status }) => status)).toEqual([200]);
  expect((await onlyUsage(stack, customer.accountId)).ending).toBe('finished');

  const other = await createTestAccount(stack);
  const slow = { outputTokens: 10, tokensPerEvent: 1, firstEventDelayMs: 2 * REQUEST_TIMEOUT_MS, eventDelayMs: 50 };
  const answer = await ask(stack.url, { key: other.key, body: streamed(slow) });
  expect([answer.status, answer.ended]).toEqual([200, 'clean']);
  expect(answer.text).toContain('event: message_stop');
  const usage = await onlyUsage(stack, other.accountId);
  expect((await balanceOf(stack, other.accountId)).chargedNano).toBe(usage.amountNano);
});

test('hundreds of slow clients keep nobody else from being served', async () => {
  const slow = Promise.all(
    Array.from({ length: SLOW_CLIENTS }, (_, at) =>
      at % 2 === 0
        ? dribble(`${begun(customer.key, 100_000)}\r\n{"model":`, ' ')
        : dribble(begun(customer.key, 100_000), 'x-a: b\r\n'),
    ),
  );
  const finished = slow.then(() => true);
  const other = await createTestAccount(stack);
  let served = 0;
  while (!(await Promise.race([finished, sleep(0)]))) {
    const answer = await ask(stack.url, { key: other.key, body: question() });
    expect(answer.status).toBe(200);
    served += 1;
  }
  expect(served).toBeGreaterThan(5);
  const statuses = (await slow).map(([answer]) => answer?.status ?? 'reset');
  expect(statuses.filter((status) => status !== 408 && status !== 'reset')).toEqual([]);
  expect(statuses.filter((status) => status === 408).length).toBeGreaterThan(SLOW_CLIENTS / 2);
});
