import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@playwright/test';
import type { Fault } from './fakes/anthropic/fault';
import { balanceOf, settledUsage, verifyBooks } from './support/books';
import { call } from './support/call';
import { eventually } from './support/eventually';
import { question, streamed, type Question } from './support/question';
import { test } from './support/wire-test';

const REQUESTS = 1000;
const CONCURRENCY = 50;
/** Connections that other work holds: the database's pool, the listener for changes, the health of this very test. */
const OTHER_SOCKETS_MAX = 20;
/** Answers that came after their client had left give their connection to the pool, which keeps it for half a minute. */
const IDLE_TIMEOUT_MS = 50_000;
const SETTLE_TIMEOUT_MS = 30_000;

/** Whether an abort comes before the answer, amid it or at its end. */
const KINDS: { body: Question; until: string | undefined; waitMs: number }[] = [
  { body: streamed({ delayMs: 30 }), until: undefined, waitMs: 5 },
  { body: streamed({ firstEventDelayMs: 30 }), until: undefined, waitMs: 15 },
  { body: endless({}), until: 'event: message_start', waitMs: 0 },
  { body: endless({ outputTokens: 4000, eventDelayMs: 2 }), until: 'content_block_delta', waitMs: 3 },
  { body: endless({ stallAfterEvents: 8 }), until: 'text_delta', waitMs: 2 },
  { body: question({ delayMs: 30 }), until: undefined, waitMs: 5 },
];

function endless(fault: Fault): Question {
  return streamed({ outputTokens: 2000, eventDelayMs: 5, ...fault }, { max_tokens: 8000 });
}

test('G-27: a thousand aborted requests leave no socket, no stream at the upstream and no hold', async ({
  wire,
  customer,
}) => {
  test.setTimeout(150_000);
  const { stack, fake } = wire;
  const before = openFiles(stack.webPid());
  let begun = 0;
  const client = async (): Promise<void> => {
    while (begun < REQUESTS) {
      const kind = KINDS[begun % KINDS.length];
      begun += 1;
      if (!kind) continue;
      const live = call(stack.url, { key: customer.key, body: kind.body });
      if (kind.until !== undefined) await live.until(kind.until);
      await sleep(kind.waitMs);
      live.leave();
      await live.answer.catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, client));
  expect(begun).toBe(REQUESTS);

  await eventually(
    'the upstream to be left',
    async () => {
      const { openRequests, openStreams, openAnswers } = await fake.control.connections();
      return openRequests + openStreams + openAnswers === 0 ? true : undefined;
    },
    SETTLE_TIMEOUT_MS,
  );
  await eventually(
    'the sockets to be closed',
    async () => {
      const { openSockets } = await fake.control.connections();
      const more = openFiles(stack.webPid()) - before;
      return openSockets < OTHER_SOCKETS_MAX && more < OTHER_SOCKETS_MAX ? true : undefined;
    },
    IDLE_TIMEOUT_MS,
  );

  // A request that was left before its key was read never held anything, so there may be fewer rows than requests.
  const received = (await fake.control.requests()).length;
  const rows = await settledUsage(stack, customer.accountId, Math.min(received, REQUESTS));
  expect(rows.length).toBeGreaterThan(REQUESTS / 2);
  for (const { ending } of rows) expect(['client_left', 'client_left_early']).toContain(ending);
  expect((await balanceOf(stack, customer.accountId)).heldNano).toBe(0n);
  expect(await verifyBooks(stack, customer.accountId)).toMatchObject({ ok: true });
});

function openFiles(pid: number): number {
  return fs.readdirSync(`/proc/${String(pid)}/fd`).length;
}
