import { expect, test } from '@playwright/test';
import { onlyUsage, settledUsage, usageOf } from './support/books';
import { ask, call, errorOf, type Answer } from './support/call';
import { databaseOf } from './support/database-of';
import { eventually } from './support/eventually';
import { question, streamed, type Question } from './support/question';
import { sharedStack } from './support/shared-stack';
import { createTestAccount, createTestKey, type KeyOptions, type TestAccount } from './support/test-account';

/** Within which a change of a key is to be seen everywhere. */
const SEEN_WITHIN_MS = 10_000;

const stack = sharedStack();

const limited = (key: KeyOptions): Promise<TestAccount> => createTestAccount(stack, { key });

function expectRefused(answer: Answer, message: RegExp): void {
  expect(answer.status, answer.text).toBe(429);
  expect(errorOf(answer).type).toBe('rate_limit_error');
  expect(errorOf(answer).message).toMatch(message);
  const seconds = Number(answer.headers['retry-after']);
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(errorOf(answer).message).toContain(`${String(seconds)} s`);
}

test.describe('rate limits', () => {
  test('stand in the headers of every answer, in Anthropic’s words', async () => {
    const { key } = await limited({
      requestsPerMinute: 50,
      inputTokensPerMinute: 20_000,
      outputTokensPerMinute: 9_000,
    });
    const { max_tokens: _, ...countable } = question();
    const answers = [
      await ask(stack.url, { key, body: question() }),
      await ask(stack.url, { key, body: streamed() }),
      await ask(stack.url, { key, body: question({ status: 400 }) }),
      await ask(stack.url, { key, body: question({ status: 529 }) }),
      await ask(stack.url, { key, body: streamed({ rawBody: 'nonsense' }) }),
      await ask(stack.url, { key, path: '/v1/messages/count_tokens', body: countable }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 529, 502, 200]);
    for (const [at, { headers }] of answers.entries()) {
      expect(headers['anthropic-ratelimit-requests-limit']).toBe('50');
      expect(headers['anthropic-ratelimit-input-tokens-limit']).toBe('20000');
      expect(headers['anthropic-ratelimit-output-tokens-limit']).toBe('9000');
      // A bucket fills by one in 1.2 s, so that some of the six may be back already.
      const remaining = Number(headers['anthropic-ratelimit-requests-remaining']);
      expect(remaining).toBeGreaterThanOrEqual(50 - at - 1);
      expect(remaining).toBeLessThan(50);
      for (const name of ['requests', 'input-tokens', 'output-tokens']) {
        expect(headers[`anthropic-ratelimit-${name}-remaining`]).toMatch(/^\d+$/);
        expect(headers[`anthropic-ratelimit-${name}-reset`]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      }
    }
  });

  test('of requests refuse what is too much, and what is refused costs nothing', async () => {
    const { accountId, key } = await limited({ requestsPerMinute: 2 });
    const answers = [];
    for (const _ of [1, 2, 3, 4]) answers.push(await ask(stack.url, { key, body: question() }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 429]);
    for (const answer of answers.slice(2)) {
      expectRefused(answer, /^Rate limit exceeded: 2 requests per minute for this key/);
      expect(answer.headers['anthropic-ratelimit-requests-remaining']).toBe('0');
    }
    expect(await settledUsage(stack, accountId, 2)).toHaveLength(2);
  });

  test('of an account are shared by its keys, and its key’s headers show the tighter', async () => {
    const account = await createTestAccount(stack, { limits: { requestsPerMinute: 2 } });
    const other = await createTestKey(stack, account.accountId, { requestsPerMinute: 100 });
    const first = await ask(stack.url, { key: account.key, body: question() });
    const second = await ask(stack.url, { key: other.key, body: question() });
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.headers['anthropic-ratelimit-requests-limit']).toBe('2');
    const third = await ask(stack.url, { key: other.key, body: question() });
    expectRefused(third, /^Rate limit exceeded: 2 requests per minute for this account/);
  });

  test('of input tokens refuse prompts that are too long together', async () => {
    const { key } = await limited({ inputTokensPerMinute: 6_000 });
    const prompt = (words: number): Question => ({ messages: [{ role: 'user', content: 'Say yes. '.repeat(words) }] });
    expect((await ask(stack.url, { key, body: question({}, prompt(2_000)) })).status).toBe(200);
    const refused = await ask(stack.url, { key, body: question({}, prompt(2_000)) });
    expectRefused(refused, /6,000 input tokens per minute for this key\. Send shorter prompts/);
    expect((await ask(stack.url, { key, body: question({}, prompt(100)) })).status).toBe(200);
  });

  test('of input tokens do not count what is read from the cache', async () => {
    const { accountId, key } = await limited({ inputTokensPerMinute: 12_000 });
    const text = `${crypto.randomUUID()} ${'Know this well. '.repeat(1_250)}`;
    const body = question({}, { system: [{ type: 'text', text, cache_control: { type: 'ephemeral' } }] });
    // Some 5,000 tokens each: two fit, and five only because four of them are read.
    for (const count of [1, 2, 3, 4, 5]) {
      expect((await ask(stack.url, { key, body })).status, `request ${String(count)}`).toBe(200);
      await settledUsage(stack, accountId, count);
    }
  });

  test('of output tokens are given back down to what was used, whatever the ending', async () => {
    const { key } = await limited({ outputTokensPerMinute: 8_200 });
    const large = { max_tokens: 8_000 };
    const bodies = [
      question({ outputTokens: 5 }, large),
      streamed({ outputTokens: 5 }, large),
      question({ status: 400 }, large),
      question({ dropConnection: true }, large),
      streamed({ outputTokens: 50, cutAfterEvents: 5, eventDelayMs: 15 }, large),
    ];
    // Each reserves 8,000 of 8,200: without the refund the second would be refused.
    for (const body of bodies) {
      const answer = await eventually(
        'the reservation is given back',
        async () => {
          const tried = await ask(stack.url, { key, body });
          return tried.status === 429 ? undefined : tried;
        },
        2_000,
      );
      expect(answer.status).not.toBe(429);
    }
  });

  test('of output tokens take what was used beyond the reservation', async () => {
    const { key } = await limited({ outputTokensPerMinute: 10_000 });
    // Some 8,000 tokens are reserved at the most; the answer has 12,000.
    const long = streamed({ outputTokens: 12_000, tokensPerEvent: 2_000 }, { max_tokens: 20_000 });
    expect((await ask(stack.url, { key, body: long })).status).toBe(200);
    const refused = await eventually('the debt is booked', async () => {
      const tried = await ask(stack.url, { key, body: question() });
      return tried.status === 429 ? tried : undefined;
    });
    expectRefused(refused, /10,000 output tokens per minute for this key\. Lower max_tokens/);
    expect(refused.headers['anthropic-ratelimit-output-tokens-remaining']).toBe('0');
  });

  test('of concurrent requests hold while they run', async () => {
    const { accountId, key } = await limited({ concurrentRequests: 2 });
    const slow = streamed({ outputTokens: 40, eventDelayMs: 60 });
    const running = [call(stack.url, { key, body: slow }), call(stack.url, { key, body: slow })];
    await Promise.all(running.map((stream) => stream.until('content_block_delta')));
    const third = await ask(stack.url, { key, body: question() });
    expectRefused(third, /^Rate limit exceeded: 2 concurrent requests for this key/);
    for (const stream of running) expect(await stream.answer).toMatchObject({ ended: 'clean' });
    expect(await settledUsage(stack, accountId, 2)).toHaveLength(2);
  });

  test('of concurrent requests give the place back after each ending', async () => {
    const { accountId, key } = await limited({ concurrentRequests: 1 });
    const paced = { outputTokens: 60, eventDelayMs: 15 };
    const endings: Record<string, () => Promise<unknown>> = {
      finished: () => ask(stack.url, { key, body: streamed({ outputTokens: 5 }) }),
      refused: () => ask(stack.url, { key, body: question({ status: 400 }) }),
      upstream_failed: () => ask(stack.url, { key, body: streamed({ ...paced, cutAfterEvents: 5 }) }),
      malformed: () => ask(stack.url, { key, body: question({ rawBody: 'nonsense' }) }),
      client_left: async () => {
        const stream = call(stack.url, { key, body: streamed({ ...paced, outputTokens: 600 }) });
        await stream.until('content_block_delta');
        stream.leave();
      },
    };
    for (const [ending, come] of Object.entries(endings)) {
      await come();
      await eventually(`a place after ${ending}`, async () => {
        const { status } = await ask(stack.url, { key, body: question({ outputTokens: 1 }) });
        return status === 200 ? true : undefined;
      });
    }
    const rows = await settledUsage(stack, accountId, 10);
    expect(rows.filter((_, at) => at % 2 === 0).map((row) => row.ending)).toEqual(Object.keys(endings));
  });
});

test.describe('a key that no longer works', () => {
  const works = async (key: string): Promise<number> => (await ask(stack.url, { key, body: question() })).status;
  const untilStatus = (key: string, status: number): Promise<true> =>
    eventually(
      `the key gets ${String(status)}`,
      async () => ((await works(key)) === status ? true : undefined),
      SEEN_WITHIN_MS,
    );

  test('revoked from another process, it is refused; what runs goes on to its end and is charged', async () => {
    const { accountId, keyId, key } = await createTestAccount(stack);
    const stream = call(stack.url, { key, body: streamed({ outputTokens: 60, eventDelayMs: 150 }) });
    await stream.until('content_block_delta');
    expect(await stack.cli(['key', 'revoke', keyId])).toMatchObject({ code: 0 });
    await untilStatus(key, 401);
    const refused = await ask(stack.url, { key, body: question() });
    expect(errorOf(refused)).toMatchObject({ type: 'authentication_error' });
    expect(errorOf(refused).message).toContain('invalid x-api-key');
    expect(refused.headers['x-should-retry']).toBe('false');
    expect(await stream.answer).toMatchObject({ status: 200, ended: 'clean' });
    const rows = await usageOf(stack, accountId);
    expect(rows.find((row) => row.stream)).toMatchObject({ ending: 'finished', outputTokens: 60 });
  });

  test('disabled, it is refused until it is enabled', async () => {
    const { keyId, key } = await createTestAccount(stack);
    expect(await works(key)).toBe(200);
    await stack.cli(['key', 'disable', keyId]);
    await untilStatus(key, 401);
    await stack.cli(['key', 'enable', keyId]);
    await untilStatus(key, 200);
  });

  test('expired, it is refused', async () => {
    const { key } = await limited({ expiresAt: new Date(Date.now() + 2_000) });
    expect(await works(key)).toBe(200);
    await untilStatus(key, 401);
  });

  test('of a suspended account, it is refused with 403', async () => {
    const { accountId, key } = await createTestAccount(stack);
    expect(await works(key)).toBe(200);
    await databaseOf(stack).query('UPDATE accounts SET suspended_at = now() WHERE id = $1', [accountId]);
    await untilStatus(key, 403);
  });
});

test.describe('what a key may do', () => {
  test('rate limits that the operator changes count from the next request on', async () => {
    const { accountId, keyId, key } = await createTestAccount(stack);
    const limitOf = async (): Promise<unknown> =>
      (await ask(stack.url, { key, body: question() })).headers['anthropic-ratelimit-requests-limit'];
    expect(await limitOf()).toBe('2000');
    for (const [cliArguments, limit] of [
      [['key', 'update', keyId, '--requests-per-minute', '70', '--json'], '70'],
      [['account', 'update', accountId, '--requests-per-minute', '40', '--concurrent-requests', '9', '--json'], '40'],
      [['account', 'update', accountId, '--requests-per-minute', 'none'], '70'],
    ] as const) {
      expect(await stack.cli([...cliArguments])).toMatchObject({ code: 0, stderr: '' });
      await expect.poll(limitOf, { timeout: SEEN_WITHIN_MS }).toBe(limit);
    }
  });

  test('allowed models: any other is 403, for messages and for counting', async () => {
    const { accountId } = await createTestAccount(stack);
    const { key } = JSON.parse(
      (await stack.cli(['key', 'create', accountId, '--models', 'claude-haiku-4-5', '--json'])).stdout,
    ) as { key: string };
    expect((await ask(stack.url, { key, body: question() })).status).toBe(200);
    const { max_tokens: _, ...countable } = question({}, { model: 'claude-opus-4-8' });
    for (const answer of [
      await ask(stack.url, { key, body: question({}, { model: 'claude-opus-4-8' }) }),
      await ask(stack.url, { key, path: '/v1/messages/count_tokens', body: countable }),
    ]) {
      expect(answer.status).toBe(403);
      expect(errorOf(answer)).toMatchObject({ type: 'permission_error' });
      expect(errorOf(answer).message).toContain('limited to claude-haiku-4-5');
      expect(answer.headers).not.toHaveProperty('retry-after');
    }
    expect((await onlyUsage(stack, accountId)).model).toBe('claude-haiku-4-5');
  });

  test('a spend limit: 402 once it is reached, until it is raised', async () => {
    const { accountId } = await createTestAccount(stack);
    const made = await stack.cli(['key', 'create', accountId, '--limit', '0.0003', '--json']);
    const { id, key } = JSON.parse(made.stdout) as { id: string; key: string };
    const lowered = await ask(stack.url, { key, body: streamed({ outputTokens: 500 }) });
    expect(lowered.status).toBe(200);
    expect(Number(lowered.headers['x-saverouter-max-tokens'])).toBeLessThan(60);
    const refused = await eventually('the limit is reached', async () => {
      const tried = await ask(stack.url, { key, body: question({ outputTokens: 500 }) });
      return tried.status === 402 ? tried : undefined;
    });
    expect(errorOf(refused)).toMatchObject({
      type: 'billing_error',
      code: 402,
      details: { error_code: 'key_spend_limit_reached' },
    });
    expect(errorOf(refused).message).toMatch(
      /^insufficient credits: this key has \$.* left of its spend limit.*Raise the key's limit/,
    );
    const spent = (await usageOf(stack, accountId)).reduce((sum, row) => sum + row.amountNano, 0n);
    expect(spent).toBeLessThanOrEqual(300_000n);
    for (const limit of ['1', 'none']) {
      expect(await stack.cli(['key', 'update', id, '--limit', limit])).toMatchObject({ code: 0, stderr: '' });
    }
    expect((await ask(stack.url, { key, body: question() })).status).toBe(200);
  });
});
