import fs from 'node:fs';
import http from 'node:http';
import { expect, test } from '@playwright/test';
import { fakeAnthropicControl } from './fakes/anthropic/control';
import { balanceOf, holdsOf, usageOf, verifyBooks } from './support/books';
import { ask } from './support/call';
import { eventually } from './support/eventually';
import { readAnswers } from './support/malformed-answers';
import { malformedBody } from './support/malformed-bodies';
import { chargeComplaints, type Answered } from './support/malformed-charges';
import { complaintsAbout, complaintsAboutAnswer } from './support/malformed-complaints';
import { sendKept } from './support/malformed-kept';
import { malformedRequest, type MalformedRequest } from './support/malformed-request';
import { sendMalformed } from './support/malformed-send';
import { question } from './support/question';
import { between, seededRandom } from './support/random';
import { residentBytes } from './support/resident-bytes';
import { startStack, type Stack } from './support/start-stack';
import { createTestAccount, type TestAccount } from './support/test-account';

const REQUESTS = Number(process.env['E2E_MALFORMED'] ?? 3_000);
/** Beside them, so many more over connections that are kept. */
const KEPT_REQUESTS = Math.ceil(REQUESTS / 10);
const CONCURRENCY = 24;
const LIMIT = 2_000_000_000;
const UNLIMITED = {
  requestsPerMinute: LIMIT,
  inputTokensPerMinute: LIMIT,
  outputTokensPerMinute: LIMIT,
  concurrentRequests: LIMIT,
};
/** Enough for a short answer or two, so that most of its requests meet the end of the money. */
const POOR_CREDIT_NANO = 300_000n;
const RICH_CREDIT_NANO = 10_000_000_000_000n;
/** What a process that has seen a third of the run may still grow by; a kilobyte kept of each request would be more in a long run. */
const GROWTH_BYTES_MAX = 160 * 1024 * 1024;
/** Connections to the upstream and the database that are kept for the next request. */
const MORE_FILES_MAX = CONCURRENCY + 24;
const COMPLAINTS_SHOWN = 12;

interface Run {
  /** How each answered request of the API ended for its client, by its id. */
  answered: Map<string, Answered>;
  /** How often each status came, and each that was Node's own. */
  statuses: Record<string, number>;
  complaints: string[];
}

test('malformed requests get clean refusals, cost nothing, and leave the process as it was', async () => {
  test.setTimeout(60_000 + REQUESTS * 60);
  const seed = Number(process.env['E2E_SEED'] ?? between(Math.random, 1, 1_000_000));
  console.log(`${String(REQUESTS)} malformed requests of E2E_SEED=${String(seed)}`);
  const stack = await startStack({ environment: { ACCESS_LOG: 'off' } });
  try {
    const rich = await createTestAccount(stack, { creditNano: RICH_CREDIT_NANO, limits: UNLIMITED, key: UNLIMITED });
    const poor = await createTestAccount(stack, { creditNano: POOR_CREDIT_NANO, limits: UNLIMITED, key: UNLIMITED });
    const pid = stack.webPid();
    const run: Run = { answered: new Map(), statuses: {}, complaints: [] };
    const keys = { rich: rich.key, poor: poor.key };
    const third = Math.floor(REQUESTS / 3);
    await sendAll(stack, run, 0, third, (number) => malformedRequest(seed, number, keys));
    const [bytesBefore, filesBefore] = [residentBytes(pid), openFiles(pid)];
    await sendAll(stack, run, third, REQUESTS, (number) => malformedRequest(seed, number, keys));
    await sendAllKept(stack, run, seed, rich.key);
    console.log(run.statuses, `${String((residentBytes(pid) - bytesBefore) / 1024 / 1024)} MB more`);

    expect(run.complaints.slice(0, COMPLAINTS_SHOWN), `of E2E_SEED=${String(seed)}`).toEqual([]);
    expectMix(run);
    expect((await ask(stack.url, { key: rich.key, body: question() })).status).toBe(200);
    expect(stack.webPid()).toBe(pid);
    expect(residentBytes(pid) - bytesBefore).toBeLessThan(GROWTH_BYTES_MAX);
    await eventually('the sockets to be closed', () =>
      openFiles(pid) - filesBefore < MORE_FILES_MAX ? true : undefined,
    );
    expectQuiet(stack.output());
    for (const account of [rich, poor]) await expectOnlyAnswersCharged(stack, account, run);
    expect(await verifyBooks(stack)).toMatchObject({ ok: true, openHolds: 0, shortfallNano: '0' });
  } finally {
    await stack.stop();
  }
});

async function sendAll(
  stack: Stack,
  run: Run,
  from: number,
  to: number,
  request: (number: number) => MalformedRequest,
): Promise<void> {
  const port = Number(new URL(stack.url).port);
  let next = from;
  const client = async (): Promise<void> => {
    while (next < to) {
      const number = next;
      next += 1;
      await sendOne(port, run, request(number), number);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, client));
}

async function sendOne(port: number, run: Run, request: MalformedRequest, number: number): Promise<void> {
  const delivery = await sendMalformed(port, request);
  const complaints = complaintsAbout(request, delivery);
  const sent = Buffer.concat(request.pieces).toString('latin1').slice(0, 400);
  run.complaints.push(
    ...complaints.map((text) => `#${String(number)} ${request.kind}: ${text}\n${JSON.stringify(sent)}`),
  );
  if (complaints.length > 0 || delivery.ending === 'left') return;
  const answers = readAnswers(delivery.bytes, request.method);
  if (answers.length === 0) count(run, 'none');
  for (const { status, headers, whole } of answers) {
    const requestId = headers.get('request-id');
    count(run, requestId === undefined ? `${String(status)} without id` : String(status));
    if (requestId !== undefined) run.answered.set(requestId, { status, whole });
  }
}

/** The same odd bodies by a client that keeps its connections. */
async function sendAllKept(stack: Stack, run: Run, seed: number, key: string): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  const random = seededRandom(seed);
  const client = async (share: number): Promise<void> => {
    for (let sent = 0; sent < share; sent += 1) {
      const body = malformedBody(random);
      const answer = await sendKept(agent, stack.url, key, body);
      const complaints = complaintsAboutAnswer({ client: 'answered', method: 'POST', api: true }, answer, 'closed');
      run.complaints.push(...complaints.map((text) => `kept, ${body.kind}: ${text}`));
      const requestId = answer.headers.get('request-id');
      count(run, `kept ${String(answer.status)}${requestId === undefined ? ' without id' : ''}`);
      if (requestId !== undefined) run.answered.set(requestId, { status: answer.status, whole: answer.whole });
    }
  };
  await Promise.all([1, 2, 3, 4].map(() => client(KEPT_REQUESTS / 4)));
  agent.destroy();
}

function count(run: Run, what: string): void {
  run.statuses[what] = (run.statuses[what] ?? 0) + 1;
}

/** The run was what it says: much was refused, in every way there is, and some was served. */
function expectMix({ statuses }: Run): void {
  const kinds = ['200', '400', '401', '402', '403', '404', '405', 'kept 200', 'kept 400'];
  kinds.push(...['400', '417', '431'].map((status) => `${status} without id`));
  for (const kind of kinds) expect(statuses[kind] ?? 0, `answers of ${kind}`).toBeGreaterThan(0);
  expect(statuses['200'] ?? 0).toBeGreaterThan(REQUESTS / 50);
  expect(statuses['400'] ?? 0).toBeGreaterThan(REQUESTS / 5);
  expect(statuses['none'] ?? 0).toBeLessThan(REQUESTS / 10);
}

/** Nothing that escaped, and nothing that we call our own failure, answered or not. */
function expectQuiet(output: string): void {
  const loud =
    /unhandled|uncaught|a request failed|was not answered|could not settle|"level":[56]0|heap out of memory/i;
  expect(output.split('\n').filter((line) => loud.test(line)).slice(0, COMPLAINTS_SHOWN)).toEqual([]); // prettier-ignore
}

async function expectOnlyAnswersCharged(stack: Stack, { accountId }: TestAccount, run: Run): Promise<void> {
  await eventually('no hold to be left', async () => ((await holdsOf(stack, accountId)) === 0 ? true : undefined));
  const rows = await usageOf(stack, accountId);
  const bills = await fakeAnthropicControl(stack.fakeUrl).ledger();
  expect(rows.length).toBeGreaterThan(0);
  expect(chargeComplaints(rows, run.answered, bills).slice(0, COMPLAINTS_SHOWN)).toEqual([]);
  const sumNano = rows.reduce((sum, { amountNano }) => sum + amountNano, 0n);
  const balance = await balanceOf(stack, accountId);
  expect([balance.chargedNano, balance.heldNano]).toEqual([sumNano, 0n]);
}

function openFiles(pid: number): number {
  return fs.readdirSync(`/proc/${String(pid)}/fd`).length;
}
