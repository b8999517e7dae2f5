import { expect } from '@playwright/test';
import type Anthropic from '@anthropic-ai/sdk';
import { balanceOf, onlyUsage, settledUsage, upstreamBill } from './support/books';
import { eventually } from './support/eventually';
import { SDKS } from './support/official-sdks';
import { directive } from './fakes/anthropic/control';
import type { Fault } from './fakes/anthropic/fault';
import { PNG_BASE64, WEATHER_TOOL } from './support/sample-requests';
import { expectExactCharges } from './support/exact-charges';
import { test } from './support/wire-test';

const MODEL = 'claude-sonnet-4-6';
const LONG_SYSTEM = 'You know everything about the tides of the North Sea. '.repeat(400);

function says(content: Anthropic.MessageParam['content'], fault?: Fault): Anthropic.MessageParam[] {
  if (fault === undefined || typeof content !== 'string') return [{ role: 'user', content }];
  return [{ role: 'user', content: `${content} ${directive(fault)}` }];
}

for (const sdk of SDKS) {
  test.describe(`${sdk.name}:`, () => {
    test('text, with its own way to send the key', async ({ wire, customer }) => {
      const client = sdk.client({ url: wire.stack.url, key: customer.key });
      const { data, request_id } = await client.messages
        .create({ model: MODEL, max_tokens: 100, system: 'Be brief.', messages: says('Hello') })
        .withResponse();
      expect(data.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('Hello') });
      expect(data.stop_reason).toBe('end_turn');
      expect(request_id).toBe((await onlyUsage(wire.stack, customer.accountId)).requestId);
      const [received] = await wire.fake.control.requests();
      expect(received?.headers).toContainEqual(['anthropic-version', sdk.version]);
      await expectExactCharges(wire.stack, customer, 1);
    });

    test('a stream, raw and by its helper', async ({ wire, customer }) => {
      const client = sdk.client({ url: wire.stack.url, key: customer.key });
      const request = { model: MODEL, max_tokens: 200, messages: says('Count', { outputTokens: 60 }) };
      const events: string[] = [];
      for await (const event of await client.messages.create({ ...request, stream: true })) events.push(event.type);
      expect(events[0]).toBe('message_start');
      expect(events.at(-1)).toBe('message_stop');
      const texts: string[] = [];
      const helper = client.messages.stream(request).on('text', (text) => texts.push(text));
      const message = await helper.finalMessage();
      expect(message.usage.output_tokens).toBe(60);
      expect(message.content[0]).toMatchObject({ type: 'text', text: texts.join('') });
      await expectExactCharges(wire.stack, customer, 2);
    });

    test('a tool round trip', async ({ wire, customer }) => {
      const client = sdk.client({ url: wire.stack.url, key: customer.key });
      const tools = [WEATHER_TOOL as Anthropic.Tool];
      const messages = says('Weather in Köln?');
      const first = await client.messages.create({ model: MODEL, max_tokens: 300, tools, messages });
      expect(first.stop_reason).toBe('tool_use');
      const call = first.content.find((block) => block.type === 'tool_use');
      if (call === undefined) throw new Error('no tool was called');
      expect(call.input).toMatchObject({ location: expect.any(String) });
      messages.push(
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: '12 °C, rain' }] },
      );
      const second = await client.messages.create({ model: MODEL, max_tokens: 300, tools, messages });
      expect(second.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('12 °C, rain') });
      await expectExactCharges(wire.stack, customer, 2);
    });

    test('thinking, whose signature is taken again', async ({ wire, customer }) => {
      const client = sdk.client({ url: wire.stack.url, key: customer.key });
      const request = { model: MODEL, max_tokens: 400, thinking: { type: 'adaptive' as const } };
      const first = await client.messages.stream({ ...request, messages: says('Think') }).finalMessage();
      expect(first.content.map((block) => block.type)).toEqual(['thinking', 'text']);
      const messages: Anthropic.MessageParam[] = [
        ...says('Think'),
        { role: 'assistant', content: first.content },
        ...says('Again'),
      ];
      const second = await client.messages.create({ ...request, messages });
      expect(second.stop_reason).toBe('end_turn');
      await expectExactCharges(wire.stack, customer, 2);
    });

    test('an image', async ({ wire, customer }) => {
      const client = sdk.client({ url: wire.stack.url, key: customer.key });
      const source = { type: 'base64' as const, media_type: 'image/png' as const, data: PNG_BASE64 };
      const content: Anthropic.ContentBlockParam[] = [
        { type: 'image', source },
        { type: 'text', text: 'What?' },
      ];
      const message = await client.messages.create({ model: MODEL, max_tokens: 100, messages: says(content) });
      expect(message.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('an image') });
      await expectExactCharges(wire.stack, customer, 1);
    });

    test('cache control, written once and then read', async ({ wire, customer }) => {
      const client = sdk.client({ url: wire.stack.url, key: customer.key });
      const text = `${customer.accountId} ${LONG_SYSTEM}`;
      const system = [{ type: 'text' as const, text, cache_control: { type: 'ephemeral' as const } }];
      const ask = () => client.messages.create({ model: MODEL, max_tokens: 50, system, messages: says('Hi') });
      const { usage: written } = await ask();
      const { usage: read } = await ask();
      expect(written.cache_creation_input_tokens).toBeGreaterThan(1000);
      expect(read.cache_read_input_tokens).toBe(written.cache_creation_input_tokens);
      const [first, second] = await settledUsage(wire.stack, customer.accountId, 2);
      expect(first?.cacheWrite5mTokens).toBe(written.cache_creation_input_tokens);
      expect(second?.cacheReadTokens).toBe(read.cache_read_input_tokens);
      await expectExactCharges(wire.stack, customer, 2);
    });

    test('count_tokens and the models, for nothing', async ({ wire, customer }) => {
      const client = sdk.client({ url: wire.stack.url, key: customer.key });
      const counted = await client.messages.countTokens({ model: MODEL, messages: says('Hello') });
      expect(counted.input_tokens).toBeGreaterThan(0);
      const ids: string[] = [];
      for await (const model of client.models.list({ limit: 2 })) ids.push(model.id);
      expect(ids).toEqual(['claude-opus-4-8', 'claude-sonnet-4-6', 'claude-haiku-4-5']);
      const haiku = await client.models.retrieve('claude-haiku-4-5-20251001');
      expect(haiku).toMatchObject({ id: 'claude-haiku-4-5', display_name: 'Claude Haiku 4.5', max_tokens: 64_000 });
      expect((await balanceOf(wire.stack, customer.accountId)).chargedNano).toBe(0n);
    });

    test('an abort cancels the upstream, and is charged as counted', async ({ wire, customer }) => {
      const client = sdk.client({ url: wire.stack.url, key: customer.key });
      const cancelled = (await wire.fake.control.connections()).cancelledStreams;
      const stream = client.messages.stream({
        model: MODEL,
        max_tokens: 8000,
        messages: says('Go on', { outputTokens: 5000, eventDelayMs: 5 }),
      });
      let texts = 0;
      stream.on('text', () => {
        texts += 1;
        if (texts === 20) stream.abort();
      });
      await expect(stream.finalMessage()).rejects.toMatchObject({ message: 'Request was aborted.' });
      await eventually('the upstream to be cancelled', async () =>
        (await wire.fake.control.connections()).cancelledStreams > cancelled ? true : undefined,
      );
      const row = await onlyUsage(wire.stack, customer.accountId);
      const bill = await upstreamBill(wire.stack, row);
      expect(row).toMatchObject({ ending: 'client_left', settledFrom: 'counted' });
      expect(row.inputTokens).toBe(bill.usage['input_tokens']);
      expect(row.outputTokens).toBeGreaterThan(5);
      expect(row.outputTokens).toBeLessThan(1000);
      expect(row.amountNano).toBe(BigInt(row.inputTokens) * 3000n + BigInt(row.outputTokens) * 15_000n);
    });
  });
}
