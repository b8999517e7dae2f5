import { expect, test } from '@playwright/test';
import { fakeAnthropicControl } from './fakes/anthropic/control';
import type { Fault } from './fakes/anthropic/fault';
import { balanceOf, settledUsage, usageOf, verifyBooks, type Balance } from './support/books';
import { ask, errorOf, type Answer } from './support/call';
import { databaseOf } from './support/database-of';
import { question, streamed, type Question } from './support/question';
import { sharedStack } from './support/shared-stack';
import { createTestAccount, createTestKey, creditTestAccount, type TestAccount } from './support/test-account';

// Haiku, in nano-dollars a token. The hold's estimate of the input is not restated here: it is read from the first hold.
const INPUT_NANO = 1_000;
const OUTPUT_NANO = 5_000n;
const CALLS = 200;
const SERVED = 10n;

const stack = sharedStack();

/** A request that takes exactly what it held for its output, so that nothing is freed for another but input. */
const whole = (fault: Fault = {}): Question => question({ outputTokens: 100, ...fault }, { max_tokens: 100 });

/** Slow enough that all have been refused, or hold, before the first has ended; and one of as many bytes that is not slow. */
const SLOW = whole({ delayMs: 3_000 });
const BRIEF = whole({ delayMs: 1_000 });

test.describe('200 requests at once against money for 10', () => {
  test('G-41 never take a balance below zero, and leave it exact', async () => {
    const holdNano = await holdOf(BRIEF);
    const account = await createTestAccount(stack, { creditNano: holdNano * SERVED });
    const { answers, lowestNano } = await callWatched(account, () => balanceOf(stack, account.accountId));
    const rows = await settledUsage(stack, account.accountId, Number(SERVED));
    expect(lowestNano).toBeGreaterThanOrEqual(0n);
    expectServedOrRefused(answers, rows.length);
    const chargedNano = rows.reduce((sum, row) => sum + row.amountNano, 0n);
    expect(await balanceOf(stack, account.accountId)).toEqual({
      creditsNano: holdNano * SERVED,
      chargedNano,
      heldNano: 0n,
      availableNano: holdNano * SERVED - chargedNano,
    });
    expect(rows.every((row) => row.shortfallNano === 0n && row.settledFrom === 'usage')).toBe(true);
    expect(await verifyBooks(stack, account.accountId)).toMatchObject({ ok: true, openHolds: 0 });
  });

  test('nor take a key over its spend limit, which other keys of the account do not feel', async () => {
    const holdNano = await holdOf(BRIEF);
    const account = await createTestAccount(stack);
    const limited = await createTestKey(stack, account.accountId, { limitNano: holdNano * SERVED });
    const { answers, lowestNano } = await callWatched({ ...account, ...limited }, async () => {
      const { spentNano, pendingNano } = await spendOf(limited.keyId);
      return { availableNano: holdNano * SERVED - spentNano - pendingNano };
    });
    const rows = await settledUsage(stack, account.accountId, Number(SERVED));
    expect(lowestNano).toBeGreaterThanOrEqual(0n);
    expectServedOrRefused(answers, rows.length);
    expect(answers.find(({ status }) => status === 402)?.text).toMatch(/this key has \$[\d.]+ left of its spend limit/);
    const chargedNano = rows.reduce((sum, row) => sum + row.amountNano, 0n);
    expect(await spendOf(limited.keyId)).toEqual({ spentNano: chargedNano, pendingNano: 0n });
    expect((await ask(stack.url, { key: account.key, body: whole() })).status).toBe(200);
    expect(await verifyBooks(stack, account.accountId)).toMatchObject({ ok: true, openHolds: 0 });
  });
});

test.describe('a balance that does not cover max_tokens', () => {
  test('lowers that one number in the upstream’s bytes, and says so', async () => {
    const user = crypto.randomUUID();
    const marks = ['{"model":"claude-haiku-4-5",  "max_tokens" :', '64000', ',"metadata":{"user_id":"', user];
    const body = [...marks, '"},"messages":[{"role":"user","content":"Hi, max_tokens: 64000"}],"stream":true}'].join(
      '',
    );
    const { key } = await createTestAccount(stack, { creditNano: 1_000_000n });
    const answer = await ask(stack.url, { key, body });
    expect(answer).toMatchObject({ status: 200, ended: 'clean' });
    const lowered = Number(answer.headers['x-saverouter-max-tokens']);
    expect(lowered).toBeGreaterThan(100);
    expect(lowered).toBeLessThan(200);
    expect(await upstreamBody(user)).toBe(body.replace(':64000', `:${String(lowered)}`));
  });

  test('and leaves the bytes and the headers alone where it does cover them', async () => {
    const user = crypto.randomUUID();
    const body = JSON.stringify(whole({ text: user }));
    const { key } = await createTestAccount(stack);
    const answer = await ask(stack.url, { key, body });
    expect(answer.headers).not.toHaveProperty('x-saverouter-max-tokens');
    expect(await upstreamBody(user)).toBe(body);
  });

  test('pays for a lowered answer to the last token, and never more than there was', async () => {
    const { accountId, key } = await createTestAccount(stack, { creditNano: 1_000_000n });
    const answer = await ask(stack.url, { key, body: streamed({ outputTokens: 5_000 }, { max_tokens: 8_000 }) });
    expect(answer.text).toContain('"stop_reason":"max_tokens"');
    const [row] = await settledUsage(stack, accountId, 1);
    expect(row?.outputTokens).toBe(Number(answer.headers['x-saverouter-max-tokens']));
    expect(row?.amountNano).toBe(
      BigInt(row?.inputTokens ?? 0) * BigInt(INPUT_NANO) + BigInt(row?.outputTokens ?? 0) * OUTPUT_NANO,
    );
    expect(await balanceOf(stack, accountId)).toMatchObject({ heldNano: 0n, chargedNano: row?.amountNano });
  });

  test('never lowers max_tokens to the thinking budget: then it is 402', async () => {
    const thinking = { type: 'enabled', budget_tokens: 2_000 };
    const body = question({}, { thinking, max_tokens: 16_000 });
    const { accountId, key } = await createTestAccount(stack, { creditNano: 9_000_000n });
    const refused = await ask(stack.url, { key, body });
    expect(refused.status).toBe(402);
    await creditTestAccount(stack, accountId, 2_000_000n);
    const answer = await ask(stack.url, { key, body });
    expect(answer.status, answer.text).toBe(200);
    expect(Number(answer.headers['x-saverouter-max-tokens'])).toBeGreaterThan(2_000);
    expect(await usageOf(stack, accountId)).toHaveLength(1);
  });
});

test.describe('no credit', () => {
  test('G-43 is a 402 that says everything, at once and without asking the upstream', async () => {
    const { accountId, key } = await createTestAccount(stack, { creditNano: 0n });
    const user = crypto.randomUUID();
    for (const body of [question({ text: user }), streamed({ text: user })]) {
      const started = performance.now();
      const answer = await ask(stack.url, { key, body });
      expect(performance.now() - started).toBeLessThan(1_000);
      expect(answer).toMatchObject({ status: 402, ended: 'clean' });
      expect(errorOf(answer)).toMatchObject({
        type: 'billing_error',
        code: 402,
        details: { balance_usd: '0.00', affordable_max_tokens: 0, top_up_url: `${stack.url}/billing` },
      });
      expect(answer.text).toContain('"code":402');
      expect(errorOf(answer).message).toContain('insufficient credits: your SaveRouter balance is $0.00');
      expect(errorOf(answer).message).toContain(`${stack.url}/billing`);
      expect(answer.headers['x-should-retry']).toBe('false');
      expect(answer.headers).not.toHaveProperty('retry-after');
    }
    expect(await upstreamBody(user)).toBeUndefined();
    expect(await usageOf(stack, accountId)).toEqual([]);
  });

  test('enough for a part: the 402 names the largest max_tokens that works, and it does', async () => {
    const { key } = await createTestAccount(stack, { creditNano: 8_000_000n });
    const thinking = { type: 'enabled', budget_tokens: 4_000 };
    const refused = await ask(stack.url, { key, body: question({}, { thinking, max_tokens: 8_000 }) });
    expect(refused.status).toBe(402);
    const named = Number(/largest affordable max_tokens is (\d+)/.exec(errorOf(refused).message)?.[1]);
    expect(named).toBeGreaterThan(1_000);
    expect(errorOf(refused).details).toMatchObject({ balance_usd: '0.008', affordable_max_tokens: named });
    const answer = await ask(stack.url, { key, body: question({}, { max_tokens: named }) });
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('x-saverouter-max-tokens');
  });

  test('ends with the credit: the very next request works', async () => {
    const { accountId, key } = await createTestAccount(stack, { creditNano: 0n });
    expect((await ask(stack.url, { key, body: question() })).status).toBe(402);
    const { code } = await stack.cli(['account', 'credit', accountId, '5', '--reason', 'a top-up']);
    expect(code).toBe(0);
    expect((await ask(stack.url, { key, body: question() })).status).toBe(200);
  });
});

/** What a request holds, found by asking once with plenty. */
async function holdOf(body: Question): Promise<bigint> {
  const { accountId, key } = await createTestAccount(stack);
  await ask(stack.url, { key, body });
  const [row] = await settledUsage(stack, accountId, 1);
  if (!row) throw new Error('it was not settled');
  return row.holdNano;
}

/** 200 requests at once, while the balance is read again and again; gives its lowest. */
async function callWatched(
  { key }: TestAccount,
  read: () => Promise<Pick<Balance, 'availableNano'>>,
): Promise<{ answers: Answer[]; lowestNano: bigint }> {
  let running = true;
  const watch = async (): Promise<bigint> => {
    let lowestNano = (await read()).availableNano;
    while (running) {
      const { availableNano } = await read();
      if (availableNano < lowestNano) lowestNano = availableNano;
    }
    return lowestNano;
  };
  const watching = watch();
  const answers = await Promise.all(Array.from({ length: CALLS }, () => ask(stack.url, { key, body: SLOW })));
  running = false;
  return { answers, lowestNano: await watching };
}

/** Ten are paid for in full; what these leave may pay for a shorter answer of another. */
function expectServedOrRefused(answers: Answer[], settled: number): void {
  const count = (matches: (answer: Answer) => boolean): number => answers.filter(matches).length;
  const inFull = count(({ status, headers }) => status === 200 && headers['x-saverouter-max-tokens'] === undefined);
  expect(inFull).toBe(Number(SERVED));
  expect(count(({ status }) => status === 200)).toBe(settled);
  expect(count(({ status }) => status === 402)).toBe(CALLS - settled);
}

async function spendOf(keyId: string): Promise<{ spentNano: bigint; pendingNano: bigint }> {
  const { rows } = await databaseOf(stack).query<{ spent: string; pending: string }>(
    'SELECT spent_nano AS spent, pending_nano AS pending FROM key_spend WHERE key_id = $1',
    [keyId],
  );
  return { spentNano: BigInt(rows[0]?.spent ?? 0), pendingNano: BigInt(rows[0]?.pending ?? 0) };
}

/** The body that the upstream got with this text in it, if it got one. */
async function upstreamBody(text: string): Promise<string | undefined> {
  const requests = await fakeAnthropicControl(stack.fakeUrl).requests();
  return requests
    .map(({ bodyBase64 }) => Buffer.from(bodyBase64 ?? '', 'base64').toString())
    .find((body) => body.includes(text));
}
