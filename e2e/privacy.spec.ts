import { expect, test } from '@playwright/test';
import { directive, fakeAnthropicControl } from './fakes/anthropic/control';
import type { Fault } from './fakes/anthropic/fault';
import { settledUsage } from './support/books';
import { ask, call, type CallOptions } from './support/call';
import { databaseOf } from './support/database-of';
import { question, streamed, type Question } from './support/question';
import { startStack, type Stack } from './support/start-stack';
import { createTestAccount, type TestAccount } from './support/test-account';

/** What must be found nowhere, as it is and in base64. */
const CANARY = `canary-${crypto.randomUUID()}`;
const FORMS = [CANARY, Buffer.from(CANARY).toString('base64').slice(0, 40), Buffer.from(CANARY).toString('hex')];

let stack: Stack;

test.beforeAll(async () => {
  stack = await startStack({ environment: { LOG_LEVEL: 'trace', UPSTREAM_STALL_TIMEOUT_MS: '1000' } });
});
test.afterAll(() => stack.stop());

test('prompts, completions and keys are in no table, no log and no error answer', async () => {
  const account = await createTestAccount(stack);
  const told = await sayTheCanaryEverywhere(account);
  const refused = await beRefused(account);
  const rows = await settledUsage(stack, account.accountId, told);
  expect(rows.length).toBeGreaterThanOrEqual(told);

  // The upstream got it and the logs and tables were written, so that there is something to find.
  const upstream = await fakeAnthropicControl(stack.fakeUrl).requests();
  const bodies = upstream.map(({ bodyBase64 }) => Buffer.from(bodyBase64 ?? '', 'base64').toString());
  expect(bodies.filter((body) => body.includes(CANARY)).length).toBeGreaterThanOrEqual(told);
  const tables = await dump();
  const output = stack.output();
  for (const { requestId } of rows) {
    expect(tables).toContain(requestId);
    expect(output).toContain(requestId);
  }
  expect(new Set(rows.map((row) => row.ending)).size).toBeGreaterThanOrEqual(5);

  const secrets = [...FORMS, account.key, account.key.slice('sk-sr-v1-'.length), account.key.slice(20)];
  for (const [where, text] of Object.entries({ tables, output, refused: refused.join('\n') })) {
    for (const secret of secrets) expect(text.includes(secret), `${secret} in the ${where}`).toBe(false);
  }
  // Nor, as far as anybody but the upstream and the client goes, the operator's own credential.
  expect(tables + output).not.toContain(stack.environment['ANTHROPIC_API_KEY']);
});

/** The canary in every place of a request and of an answer, through several endings. Gives how many requests were held. */
async function sayTheCanaryEverywhere({ key }: TestAccount): Promise<number> {
  const image = {
    type: 'base64',
    media_type: 'image/png',
    data: Buffer.from(`${CANARY} as an image`).toString('base64'),
  };
  const said = (fault: Fault): Question => ({
    system: `Keep ${CANARY} to yourself.`,
    stop_sequences: [`${CANARY}-stop`],
    metadata: { user_id: CANARY },
    tools: [{ name: CANARY, description: CANARY, input_schema: { type: 'object', description: CANARY } }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image', source: image },
          { type: 'text', text: `${CANARY} is in the image.` },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: CANARY, input: { where: CANARY } }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: CANARY }] },
          { type: 'text', text: `${CANARY} ${directive(fault)}` },
        ],
      },
    ],
  });
  const answer: Fault = { text: `The model says ${CANARY} again and again: ${CANARY}`, tokensPerEvent: 60 };
  const faults: Fault[] = [
    answer,
    { toolName: CANARY, toolInput: { where: CANARY } },
    { ...answer, eventDelayMs: 15, cutAfterEvents: 4 },
    { ...answer, eventDelayMs: 15, stallAfterEvents: 4 },
    { ...answer, errorEventAfterEvents: 3, message: `Overloaded by ${CANARY}` },
    { status: 400, message: `I refuse ${CANARY}` },
    { status: 500, message: `I fail at ${CANARY}` },
    { rawBody: `<html>${CANARY}</html>`, contentType: 'text/event-stream' },
    { rawBody: `event: message_start\ndata: {"${CANARY}\n\n`, contentType: 'text/event-stream' },
  ];
  for (const fault of faults) {
    for (const body of [question({}, said(fault)), streamed({}, said(fault))]) {
      await ask(stack.url, { key, body, path: `/v1/messages?note=${CANARY}`, headers: { 'x-note': CANARY } });
    }
  }
  const stream = call(stack.url, { key, body: streamed({}, said({ ...answer, tokensPerEvent: 2, eventDelayMs: 40 })) });
  await stream.until('content_block_delta');
  stream.leave();
  await stream.answer;
  return faults.length * 2 + 1;
}

/** Requests that SaveRouter itself refuses: what it answers. */
async function beRefused({ key }: TestAccount): Promise<string[]> {
  const body = question({}, { system: CANARY, metadata: { user_id: CANARY } });
  const poor = await createTestAccount(stack, { creditNano: 0n });
  const calls: CallOptions[] = [
    { key, body: `{"model":"claude-haiku-4-5","messages":"${CANARY}` },
    { key, body: { ...body, model: 'claude-unknown' } },
    { key, body: { ...body, max_tokens: 'many' } },
    { key, body: { ...body, container: CANARY } },
    { key, body: { ...body, thread: { type: 'continue', previous_message_id: 'msg_of_nobody' } } },
    { key: poor.key, body },
    { key: `${key.slice(0, -1)}0`, body },
    { headers: { authorization: `Bearer ${CANARY}`, cookie: CANARY }, body },
    { headers: { authorization: `Bearer ${key}`, 'anthropic-version': '2023-06-01' }, body },
    { key, headers: { 'content-encoding': 'gzip' }, body },
  ];
  const answers = [];
  for (const options of calls) answers.push(await ask(stack.url, options));
  for (const answer of answers) expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
  return answers.map(({ text, headers }) => `${text}\n${JSON.stringify(headers)}`);
}

/** Every row of every table, as text. */
async function dump(): Promise<string> {
  const database = databaseOf(stack);
  const { rows: tables } = await database.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const texts = [];
  for (const { name } of tables) {
    const { rows } = await database.query<{ text: string }>(`SELECT t::text AS text FROM ${name} t`);
    texts.push(name, ...rows.map(({ text }) => text));
  }
  return texts.join('\n');
}
