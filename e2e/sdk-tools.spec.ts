import { expect } from '@playwright/test';
import { databaseOf } from './support/database-of';
import { expectExactCharges } from './support/exact-charges';
import { SDKS } from './support/official-sdks';
import { createTestAccount } from './support/test-account';
import { test, type Wire } from './support/wire-test';

const MODEL = 'claude-sonnet-4-6';
const [NEWEST] = SDKS;
const THREADS_BETA = 'message-threads-2026-08-12';

/** What a run of the tool runner put on the wire: the number of messages and the thread of each request. */
async function turnsOf(wire: Wire): Promise<{ messages: number; thread: string | undefined }[]> {
  return (await wire.fake.control.requests()).map(({ bodyBase64 }) => {
    const body = JSON.parse(Buffer.from(bodyBase64 ?? '', 'base64').toString()) as {
      messages: unknown[];
      thread?: { type: string };
    };
    return { messages: body.messages.length, thread: body.thread?.type };
  });
}

for (const sdk of SDKS) {
  for (const stream of [false, true]) {
    test(`${sdk.name}: the tool runner comes to its answer${stream ? ', streaming' : ''}`, async ({
      wire,
      customer,
    }) => {
      const client = sdk.client({ url: wire.stack.url, key: customer.key });
      let runs = 0;
      const tool = sdk.weatherTool(() => {
        runs += 1;
        return '12 °C, rain';
      });
      const asked = { model: MODEL, max_tokens: 300, tools: [tool], stream };
      const content = `Weather in Köln? ${customer.accountId}`;
      const last = await client.beta.messages.toolRunner({ ...asked, messages: [{ role: 'user', content }] });
      expect(runs).toBe(1);
      expect(last.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('12 °C, rain') });
      expect(await turnsOf(wire)).toEqual(
        sdk.line === 'newest'
          ? [
              { messages: 1, thread: 'create' },
              { messages: 1, thread: 'continue' },
            ]
          : [
              { messages: 1, thread: undefined },
              { messages: 3, thread: undefined },
            ],
      );
      await expectExactCharges(wire.stack, customer, 2);
    });
  }
}

test.describe('message threads:', () => {
  test('a thread that the gateway no longer knows is replayed as a whole by the SDK', async ({ wire, customer }) => {
    if (NEWEST === undefined) throw new Error('there is no SDK');
    const client = NEWEST.client({ url: wire.stack.url, key: customer.key });
    const tool = NEWEST.weatherTool(async () => {
      await databaseOf(wire.stack).query('DELETE FROM thread_messages WHERE account_id = $1', [customer.accountId]);
      return '12 °C';
    });
    const content = `Weather in Köln? ${customer.accountId}`;
    const asked = { model: MODEL, max_tokens: 300, tools: [tool], messages: [{ role: 'user' as const, content }] };
    const last = await client.beta.messages.toolRunner(asked);
    expect(last.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('12 °C') });
    // The refused turn never got to the upstream.
    expect(await turnsOf(wire)).toEqual([
      { messages: 1, thread: 'create' },
      { messages: 3, thread: 'create' },
    ]);
    await expectExactCharges(wire.stack, customer, 2);
  });

  test("another account's message is not found, in the words on which SDKs replay", async ({ wire, customer }) => {
    if (NEWEST === undefined) throw new Error('there is no SDK');
    const stranger = await createTestAccount(wire.stack);
    const mine = NEWEST.client({ url: wire.stack.url, key: customer.key });
    const theirs = NEWEST.client({ url: wire.stack.url, key: stranger.key });
    const asked = { model: MODEL, max_tokens: 50, betas: [THREADS_BETA] };
    const messages = [{ role: 'user' as const, content: `Hi ${customer.accountId}` }];
    const first = await mine.beta.messages.create({ ...asked, messages, thread: { type: 'create' } });
    const thread = { type: 'continue' as const, previous_message_id: first.id };
    const refusal: unknown = await theirs.beta.messages.create({ ...asked, messages, thread }).catch((e: unknown) => e);
    expect(refusal).toMatchObject({ status: 404, type: 'not_found_error', errorCode: 'thread_not_found' });
    expect(refusal).toMatchObject({ message: expect.stringContaining('Send the whole conversation') });
    const next = await mine.beta.messages.create({ ...asked, messages, thread });
    expect(next.stop_reason).toBe('end_turn');
    await expectExactCharges(wire.stack, customer, 2);
  });

  test('a thread is billed by usage, not by the size of the body that continues it', async ({ wire, customer }) => {
    if (NEWEST === undefined) throw new Error('there is no SDK');
    const client = NEWEST.client({ url: wire.stack.url, key: customer.key });
    const asked = { model: MODEL, max_tokens: 50, betas: [THREADS_BETA] };
    const long = `${customer.accountId} ${'All about the tides. '.repeat(500)}`;
    const first = await client.beta.messages.create({
      ...asked,
      messages: [{ role: 'user', content: long }],
      thread: { type: 'create' },
    });
    const second = await client.beta.messages.create({
      ...asked,
      messages: [{ role: 'user', content: 'And?' }],
      thread: { type: 'continue', previous_message_id: first.id },
    });
    expect(second.usage.input_tokens).toBeGreaterThan(first.usage.input_tokens);
    await expectExactCharges(wire.stack, customer, 2);
  });
});
