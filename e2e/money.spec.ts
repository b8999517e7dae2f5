import { expect, test } from '@playwright/test';
import { fakeAnthropicControl } from './fakes/anthropic/control';
import type { Fault } from './fakes/anthropic/fault';
import { onlyUsage, settledUsage, upstreamBill, verifyBooks, type UsageRow } from './support/books';
import { ask } from './support/call';
import { question, streamed, type Question } from './support/question';
import { sharedStack } from './support/shared-stack';
import { createTestAccount } from './support/test-account';

// Sums are written out by hand, in nano-dollars a token: that is dollars a million tokens, times 1,000.
const OPUS = { input: 5_000, output: 25_000, write5m: 6_250, write1h: 10_000, read: 500 };
const SONNET = { input: 3_000, output: 15_000 };
const HAIKU = { input: 1_000, output: 5_000, write5m: 1_250, write1h: 2_000, read: 100 };
const SEARCH = 10_000_000;

const stack = sharedStack();

/** Asks once in each way, JSON and events, with a new account for both, and gives the two usage rows. */
async function inBothWays(fault: Fault, more: Question = {}): Promise<[json: UsageRow, stream: UsageRow]> {
  const { accountId, key } = await createTestAccount(stack);
  const answers = [
    await ask(stack.url, { key, body: question(fault, more) }),
    await ask(stack.url, { key, body: streamed(fault, more) }),
  ];
  for (const answer of answers) expect(answer, answer.text).toMatchObject({ status: 200, ended: 'clean' });
  const [json, stream] = await settledUsage(stack, accountId, 2);
  if (!json || !stream) throw new Error('there are two rows');
  expect([json.stream, stream.stream]).toEqual([false, true]);
  return [json, stream];
}

async function expectBothCost(fault: Fault, nano: number, more: Question = {}): Promise<[UsageRow, UsageRow]> {
  const rows = await inBothWays(fault, more);
  for (const row of rows) {
    expect(row).toMatchObject({ ending: 'finished', settledFrom: 'usage', amountNano: BigInt(nano) });
    expect((await upstreamBill(stack, row)).amountNano).toBe(String(nano));
  }
  return rows;
}

test('G-30 every kind of answer costs the same streamed and as JSON: what the upstream bills', async () => {
  const names = await fakeAnthropicControl(stack.fakeUrl).scenarios();
  // These end in an `error` event, and the last says nothing of its output: see endings.spec.ts and G-31.
  const others = ['error_event', 'error_event_details', 'usage_in_start_only'];
  const finished = names.filter((name) => !others.includes(name));
  expect(finished.length).toBeGreaterThan(50);
  for (const scenario of finished) {
    const rows = await inBothWays({ scenario }, { model: 'claude-opus-4-8' });
    const amounts = rows.map((row) => [row.ending, row.amountNano.toString()]);
    const bills = await Promise.all(rows.map((row) => upstreamBill(stack, row)));
    expect.soft(amounts, scenario).toEqual(bills.map((bill) => ['finished', bill.amountNano]));
    expect.soft(amounts[0], scenario).toEqual(amounts[1]);
  }
});

test.describe('G-31 later usage overwrites and never adds', () => {
  const start = {
    input_tokens: 100,
    cache_read_input_tokens: 2_000,
    cache_creation_input_tokens: 30,
    cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 10 },
  };
  const startNano = 100 * HAIKU.input + 2_000 * HAIKU.read + 20 * HAIKU.write5m + 10 * HAIKU.write1h;
  const zeros = { input_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
  const nulls = { input_tokens: null, cache_read_input_tokens: null, cache_creation_input_tokens: null };

  for (const [name, fault] of Object.entries<Fault>({
    'when it repeats everything': { deltaUsage: { ...start } },
    'when fields are missing': {
      omitDeltaUsage: ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'],
    },
    'when fields are null': { deltaUsage: nulls },
    'when fields are zero': { deltaUsage: zeros },
  })) {
    test(name, async () => {
      const rows = await expectBothCost(
        { outputTokens: 60, startUsage: start, ...fault },
        startNano + 60 * HAIKU.output,
      );
      const counts = { inputTokens: 100, cacheReadTokens: 2_000, cacheWrite5mTokens: 20, cacheWrite1hTokens: 10 };
      for (const row of rows) expect(row).toMatchObject({ ...counts, outputTokens: 60 });
    });
  }

  test('when message_start said nothing yet', async () => {
    const silent = { input_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
    const deltaUsage = { input_tokens: 700, cache_read_input_tokens: 300 };
    await expectBothCost(
      { outputTokens: 12, startUsage: silent, deltaUsage },
      700 * HAIKU.input + 300 * HAIKU.read + 12 * HAIKU.output,
    );
  });

  test('when there are several message_deltas', async () => {
    const [, stream] = await expectBothCost(
      { scenario: 'several_message_deltas' },
      500 * HAIKU.input + 89 * HAIKU.output,
    );
    expect(stream).toMatchObject({ inputTokens: 500, outputTokens: 89 });
  });

  test('and the placeholder of message_start is never charged: what was delivered is counted instead, and flagged', async () => {
    const { accountId, key } = await createTestAccount(stack);
    await ask(stack.url, { key, body: streamed({ scenario: 'usage_in_start_only' }) });
    const row = await onlyUsage(stack, accountId);
    expect(row).toMatchObject({ ending: 'finished', settledFrom: 'counted', inputTokens: 412 });
    expect(row.flags).toContain('output_counted');
    // It said "Hi" and claimed seven tokens.
    expect(row.outputTokens).toBeLessThanOrEqual(2);
    expect(Number(row.amountNano)).toBe(412 * HAIKU.input + row.outputTokens * HAIKU.output);
  });
});

test.describe('the prompt cache', () => {
  /** A prompt of its own that is long enough to be cached: some 5,000 tokens. */
  const cached = (ttl: '5m' | '1h'): Question => ({
    system: [
      {
        type: 'text',
        text: `${crypto.randomUUID()} ${'Know this well. '.repeat(1_250)}`,
        cache_control: { type: 'ephemeral', ttl },
      },
    ],
  });

  /** Asks twice with the same prompt: the first writes the cache, the second reads it. */
  async function writeAndRead(ttl: '5m' | '1h', stream: boolean): Promise<[written: UsageRow, read: UsageRow]> {
    const { accountId, key } = await createTestAccount(stack);
    const body = question({ outputTokens: 10 }, { ...cached(ttl), stream });
    for (const _ of [1, 2]) expect((await ask(stack.url, { key, body })).status).toBe(200);
    const [written, read] = await settledUsage(stack, accountId, 2);
    if (!written || !read) throw new Error('there are two rows');
    return [written, read];
  }

  for (const stream of [false, true]) {
    const how = stream ? 'streamed' : 'as JSON';

    test(`G-32 G-33 a write is charged once and not as input too, a read at the read price, ${how}`, async () => {
      const [written, read] = await writeAndRead('5m', stream);
      expect(written.cacheWrite5mTokens).toBeGreaterThan(4_096);
      expect(written).toMatchObject({ cacheWrite1hTokens: 0, cacheReadTokens: 0, outputTokens: 10 });
      expect(written.inputTokens).toBeLessThan(100);
      expect(Number(written.amountNano)).toBe(
        written.cacheWrite5mTokens * HAIKU.write5m + written.inputTokens * HAIKU.input + 10 * HAIKU.output,
      );
      expect(read).toMatchObject({ cacheReadTokens: written.cacheWrite5mTokens, cacheWrite5mTokens: 0 });
      expect(Number(read.amountNano)).toBe(
        read.cacheReadTokens * HAIKU.read + read.inputTokens * HAIKU.input + 10 * HAIKU.output,
      );
    });

    test(`G-34 an hour's write costs twice the input, ${how}`, async () => {
      const [written] = await writeAndRead('1h', stream);
      expect(written.cacheWrite1hTokens).toBeGreaterThan(4_096);
      expect(written.cacheWrite5mTokens).toBe(0);
      expect(Number(written.amountNano)).toBe(
        written.cacheWrite1hTokens * 2 * HAIKU.input + written.inputTokens * HAIKU.input + 10 * HAIKU.output,
      );
    });
  }

  test('G-34 what a server tool wrote beyond the split of message_start is a five-minute write', async () => {
    await expectBothCost(
      { scenario: 'usage_cache_split' },
      412 * OPUS.input + 3_904 * OPUS.write5m + 1_096 * OPUS.write1h + 18_000 * OPUS.read + 503 * OPUS.output,
      { model: 'claude-opus-4-8' },
    );
  });
});

test('G-35 input that grows through a server tool is charged, and so is the search', async () => {
  await expectBothCost({ scenario: 'web_search' }, 10_682 * SONNET.input + 510 * SONNET.output + SEARCH, {
    model: 'claude-sonnet-4-6',
  });
});

test('G-35 a search that failed costs nothing', async () => {
  await expectBothCost({ scenario: 'web_search_error' }, 412 * HAIKU.input + 89 * HAIKU.output);
});

test('G-36 compaction and the advisor come on top, a fallback is priced as the model that served', async () => {
  const onOpus = { model: 'claude-opus-4-8' };
  const compacted = 180_000 * OPUS.input + 3_500 * OPUS.output;
  await expectBothCost({ scenario: 'compaction' }, compacted + 23_000 * OPUS.input + 1_000 * OPUS.output, onOpus);
  await expectBothCost({ scenario: 'compaction_paused' }, compacted, onOpus);
  const advised = 900 * OPUS.input + 250 * OPUS.output;
  await expectBothCost({ scenario: 'advisor' }, advised + 412 * SONNET.input + 89 * SONNET.output, {
    model: 'claude-sonnet-4-6',
  });
  // Sonnet answered; Opus had begun before it declined, and what it wrote is billed as well.
  const declined = 412 * OPUS.input + 17 * OPUS.output;
  await expectBothCost({ scenario: 'fallback' }, declined + 412 * SONNET.input + 89 * SONNET.output, onOpus);
});

test('G-37 speed and place count as the answer says, not as the request asked', async () => {
  const usage = { input_tokens: 1_000 };
  const tokens = 1_000 * OPUS.input + 10 * OPUS.output;
  const plain = { model: 'claude-opus-4-8' };
  const asked = { ...plain, inference_geo: 'us' };
  await expectBothCost({ outputTokens: 10, usage: { ...usage, inference_geo: 'global' } }, tokens, asked);
  await expectBothCost({ outputTokens: 10, usage: { ...usage, inference_geo: 'us' } }, (tokens * 11) / 10, plain);
  await expectBothCost({ outputTokens: 10, usage: { ...usage, speed: 'fast' } }, tokens * 2, plain);
  const both = { ...usage, speed: 'fast', inference_geo: 'us' };
  await expectBothCost({ outputTokens: 10, usage: both }, (tokens * 22) / 10, plain);
});

test('G-38 what the upstream refuses costs nothing and holds nothing', async () => {
  const { accountId, key } = await createTestAccount(stack);
  const answer = await ask(stack.url, { key, body: question({}, { temperature: 7 }) });
  expect(answer.status).toBe(400);
  expect(await onlyUsage(stack, accountId)).toMatchObject({ ending: 'refused', settledFrom: 'none', amountNano: 0n });
});

test('G-40 each try of a client is a request of its own, charged for itself', async () => {
  const { accountId, key } = await createTestAccount(stack);
  const body = question({ outputTokens: 10 });
  const tries = [];
  for (const count of ['0', '1', '2']) {
    tries.push(await ask(stack.url, { key, body, headers: { 'x-stainless-retry-count': count } }));
  }
  const rows = await settledUsage(stack, accountId, 3);
  expect(rows.map((row) => row.requestId)).toEqual(tries.map((answer) => answer.headers['request-id']));
  expect(new Set(rows.map((row) => row.requestId)).size).toBe(3);
  expect(new Set(rows.map((row) => row.amountNano)).size).toBe(1);
  expect(await verifyBooks(stack, accountId)).toMatchObject({ ok: true, usageRows: 3, openHolds: 0 });
});

test('G-42 counters that are null, missing, fractions or text are read, and flagged where they are odd', async () => {
  const usage = { input_tokens: '412', output_tokens: 12.5, cache_read_input_tokens: null };
  const [json, stream] = await inBothWays({ outputTokens: 12, deltaUsage: usage });
  const odd = ['unknown_usage:unreadable:input_tokens', 'unknown_usage:unreadable:output_tokens'];
  for (const row of [json, stream]) {
    expect(row).toMatchObject({ inputTokens: 412, outputTokens: 13, cacheReadTokens: 0 });
    expect(Number(row.amountNano)).toBe(412 * HAIKU.input + 13 * HAIKU.output);
    expect(row.flags).toEqual(expect.arrayContaining(odd));
  }
});

test('G-42 an iteration of an unknown kind is charged as its tokens are, and flagged', async () => {
  const rows = await expectBothCost(
    { scenario: 'future_iteration' },
    (412 + 1_000) * HAIKU.input + (89 + 50) * HAIKU.output,
  );
  for (const row of rows) expect(row.flags).toContain('unknown_iteration:daydream');
});

test('an answer without any usage is free, and flagged for the operator', async () => {
  const { accountId, key } = await createTestAccount(stack);
  const answer = await ask(stack.url, { key, body: streamed({ noUsage: true }) });
  expect(answer).toMatchObject({ status: 200, ended: 'clean' });
  const row = await onlyUsage(stack, accountId);
  expect(row).toMatchObject({ ending: 'finished', settledFrom: 'none', amountNano: 0n });
  expect(row.flags).toContain('usage_missing');
});

test('a refusal before any output is free, one amid the answer is not', async () => {
  const [before] = await expectBothCost({ scenario: 'refusal_before_output' }, 0);
  expect(before.stopReason).toBe('refusal');
  await expectBothCost({ scenario: 'refusal_midstream' }, 412 * HAIKU.input + 89 * HAIKU.output);
});
