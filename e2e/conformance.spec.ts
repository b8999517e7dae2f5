import { createHash } from 'node:crypto';
import { expect } from '@playwright/test';
import { SCENARIO_NAMES } from './fakes/anthropic/scenarios/scenarios';
import { onlyUsage, upstreamBill } from './support/books';
import { ask, type Answer } from './support/call';
import { streamed, question } from './support/question';
import { COUNTED_REQUESTS, ORDINARY_REQUESTS, REFUSED_REQUESTS, type SampleRequest } from './support/sample-requests';
import type { TestAccount } from './support/test-account';
import { test, type Wire } from './support/wire-test';

const REQUEST_ID = /"request_id":"req_[^"]+"/;
/** A stream that its upstream ends by an `error` event is told in our own words from that event on, and cut. */
const ERROR_EVENT = Buffer.from('event: error\n');
/** Its `message_delta` never says how much output there was: the gateway counts what it delivered, and says so. */
const WITHOUT_FINAL_USAGE = 'usage_in_start_only';

test.describe('as JSON, byte for byte what the upstream answers:', () => {
  for (const name of SCENARIO_NAMES) {
    test(`the scenario ${name}`, async ({ wire, customer }) => {
      await expectSame(wire, customer, { name, body: question({ scenario: name }) });
    });
  }
  for (const sample of ORDINARY_REQUESTS) {
    test(sample.name, ({ wire, customer }) => expectSame(wire, customer, sample));
  }
});

test.describe('as a stream, byte for byte what the upstream answers:', () => {
  for (const name of SCENARIO_NAMES) {
    test(`the scenario ${name}`, async ({ wire, customer }) => {
      const sample = { name, body: streamed({ scenario: name }) };
      if (name.startsWith('error_event')) await expectSameUntilError(wire, customer, sample);
      else if (name === WITHOUT_FINAL_USAGE) await expectSameCounted(wire, customer, sample);
      else await expectSame(wire, customer, sample);
    });
  }
  for (const sample of ORDINARY_REQUESTS) {
    test(sample.name, ({ wire, customer }) =>
      expectSame(wire, customer, { ...sample, body: { ...sample.body, stream: true } }),
    );
  }
});

test.describe('G-51 and G-24: an upstream 400 reaches the client byte for byte but for the request id, streaming or not:', () => {
  for (const sample of REFUSED_REQUESTS) {
    test(sample.name, async ({ wire, customer }) => {
      for (const stream of [false, true]) {
        const both = await askBoth(wire, customer, '/v1/messages', { ...sample, body: { ...sample.body, stream } });
        expect(both.direct.status).toBeGreaterThanOrEqual(400);
        expectSameRefusal(both);
      }
    });
  }
});

test.describe('count_tokens, byte for byte:', () => {
  for (const sample of COUNTED_REQUESTS) {
    test(sample.name, async ({ wire, customer }) => {
      const both = await askBoth(wire, customer, '/v1/messages/count_tokens', sample);
      if (both.direct.status === 200) expectSameAnswer(both);
      else expectSameRefusal(both);
    });
  }
});

interface Both {
  direct: Answer;
  through: Answer;
}

async function expectSame(wire: Wire, customer: TestAccount, sample: SampleRequest): Promise<void> {
  const both = await askBoth(wire, customer, '/v1/messages', sample);
  expect(both.direct.status).toBe(200);
  expectSameAnswer(both);
  const usage = await onlyUsage(wire.stack, customer.accountId);
  const bill = await upstreamBill(wire.stack, usage);
  expect({ ...usage, amountNano: usage.amountNano.toString() }).toMatchObject({
    ending: 'finished',
    amountNano: bill.amountNano,
    shortfallNano: 0n,
  });
}

async function expectSameCounted(wire: Wire, customer: TestAccount, sample: SampleRequest): Promise<void> {
  expectSameAnswer(await askBoth(wire, customer, '/v1/messages', sample));
  const usage = await onlyUsage(wire.stack, customer.accountId);
  expect(usage).toMatchObject({ ending: 'finished', settledFrom: 'counted', flags: ['output_counted'] });
}

async function expectSameUntilError(wire: Wire, customer: TestAccount, sample: SampleRequest): Promise<void> {
  const { direct, through } = await askBoth(wire, customer, '/v1/messages', sample);
  const at = direct.bytes.indexOf(ERROR_EVENT);
  expect(at).toBeGreaterThan(0);
  expect(through.bytes.subarray(0, at)).toEqual(direct.bytes.subarray(0, at));
  const said = through.text.slice(through.text.indexOf('event: error'));
  expect(said).toMatch(/^event: error\ndata: \{"type":"error","error":\{"type":"\w+_error","message":"[^"]+"\}/);
  expect(through.ended).toBe('broken');
  expect(await onlyUsage(wire.stack, customer.accountId)).toMatchObject({ ending: 'upstream_failed', amountNano: 0n });
}

function expectSameAnswer({ direct, through }: Both): void {
  expect(through.status).toBe(direct.status);
  expect(through.headers['content-type']).toBe(direct.headers['content-type']);
  expect(through.headers['content-encoding']).toBeUndefined();
  expect(through.bytes.equals(direct.bytes), `${through.text.slice(0, 2000)}\n≠\n${direct.text.slice(0, 2000)}`).toBe(
    true,
  );
  expect(through.ended).toBe('clean');
}

function expectSameRefusal({ direct, through }: Both): void {
  expect(through.status).toBe(direct.status);
  expect(through.headers['content-type']).toBe('application/json');
  expect(through.text.replace(REQUEST_ID, 'ID')).toBe(direct.text.replace(REQUEST_ID, 'ID'));
  expect(through.text).toContain(`"request_id":"${String(through.headers['request-id'])}"`);
  expect(through.ended).toBe('clean');
}

/** The same bytes sent to the stand-in, in a workspace of its own, and to the gateway; and what of them reached the stand-in. */
async function askBoth(wire: Wire, customer: TestAccount, path: string, sample: SampleRequest): Promise<Both> {
  const bytes = Buffer.from(JSON.stringify(sample.body));
  const headers = {
    'content-type': 'application/json',
    'anthropic-version': sample.version ?? '2023-06-01',
    ...(sample.beta === undefined ? {} : { 'anthropic-beta': sample.beta }),
  };
  const send = (url: string, key: string) => ask(url, { path, body: bytes, headers: { ...headers, 'x-api-key': key } });
  const direct = await send(wire.fake.url, `${wire.fake.apiKey}-direct`);
  await wire.fake.control.clearRequests();
  const through = await send(wire.stack.url, customer.key);
  const [received, ...more] = await wire.fake.control.requests();
  expect(more).toEqual([]);
  expect(received).toMatchObject({
    method: 'POST',
    path,
    bodySha256: createHash('sha256').update(bytes).digest('hex'),
  });
  const upstreamHeaders = Object.fromEntries(received?.headers ?? []);
  expect(upstreamHeaders).toMatchObject(headers);
  return { direct, through };
}
