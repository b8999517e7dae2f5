import { expect } from '@playwright/test';
import type Anthropic from '@anthropic-ai/sdk';
import { directive } from './fakes/anthropic/control';
import type { Fault } from './fakes/anthropic/fault';
import { usageOf } from './support/books';
import { SDKS, type OfficialSdk } from './support/official-sdks';
import { createTestAccount, createTestKey } from './support/test-account';
import { test, type Wire } from './support/wire-test';

const MODEL = 'claude-haiku-4-5';
const OVER_32_MB = 33 * 1024 * 1024;
/** Above what the gateway waits by itself before it tries again. */
const NOT_TRIED_AGAIN = { retryAfter: 9 };

interface Row {
  name: string;
  status: number;
  type: string;
  /** The class of the newest line, and of the older one where it is another. */
  raises: [newest: string, zero?: string];
  /** What of the message tells its reader what to do. */
  says: RegExp;
  fault?: Fault;
  key?: (wire: Wire) => Promise<string>;
  request?: Partial<Anthropic.MessageCreateParamsNonStreaming>;
}

const ROWS: Row[] = [
  {
    ...{ name: 'a bad request', status: 400, type: 'invalid_request_error', raises: ['BadRequestError'] },
    says: /at least one message is required/,
    request: { messages: [] },
  },
  {
    ...{ name: 'a wrong key', status: 401, type: 'authentication_error', raises: ['AuthenticationError'] },
    says: /invalid x-api-key.*copied whole/,
    key: () => Promise.resolve('sk-sr-v1-not-a-key'),
  },
  {
    ...{ name: 'no balance', status: 402, type: 'billing_error', raises: ['PaymentRequiredError', 'APIError'] },
    says: /insufficient credits.*Top up at http.*"code":402/,
    key: async (wire) => (await createTestAccount(wire.stack, { creditNano: 0n })).key,
  },
  {
    ...{
      name: 'a model the key may not use',
      status: 403,
      type: 'permission_error',
      raises: ['PermissionDeniedError'],
    },
    says: /limited to claude-opus-4-8/,
    key: async (wire) => {
      const { accountId } = await createTestAccount(wire.stack);
      return (await createTestKey(wire.stack, accountId, { allowedModels: ['claude-opus-4-8'] })).key;
    },
  },
  {
    ...{ name: 'an unknown model', status: 404, type: 'not_found_error', raises: ['NotFoundError'] },
    says: /Available on SaveRouter: claude-opus-4-8/,
    request: { model: 'claude-opus-9' },
  },
  {
    ...{ name: 'too large a body', status: 413, type: 'request_too_large' },
    raises: ['ContentTooLargeError', 'APIError'],
    says: /32 MB.*Send smaller/,
    request: { messages: [{ role: 'user', content: 'x'.repeat(OVER_32_MB) }] },
  },
  {
    ...{ name: 'a rate limit', status: 429, type: 'rate_limit_error', raises: ['RateLimitError'] },
    says: /1 request per minute.*retry in \d+ s/,
    key: async (wire) => {
      const { accountId } = await createTestAccount(wire.stack);
      const { key } = await createTestKey(wire.stack, accountId, { requestsPerMinute: 1 });
      await fetch(`${wire.stack.url}/v1/models`, { headers: { 'x-api-key': key } });
      await fetch(`${wire.stack.url}/v1/messages/count_tokens`, {
        ...{ method: 'POST', headers: { 'x-api-key': key } },
        body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }] }),
      });
      return key;
    },
  },
  {
    ...{ name: 'a fault of the upstream', status: 500, type: 'api_error', raises: ['InternalServerError'] },
    says: /Nothing was charged; retry/,
    fault: { status: 500, ...NOT_TRIED_AGAIN },
  },
  {
    ...{ name: "the operator's credential refused", status: 500, type: 'api_error', raises: ['InternalServerError'] },
    says: /not about your key or balance/,
    fault: { status: 401 },
  },
  {
    ...{ name: 'an upstream that cannot be reached', status: 502, type: 'api_error', raises: ['InternalServerError'] },
    says: /cannot be reached.*retry/,
    fault: { dropConnection: true },
  },
  {
    ...{ name: 'an upstream that is unavailable', status: 503, type: 'api_error' },
    raises: ['ServiceUnavailableError', 'InternalServerError'],
    says: /retry with exponential backoff/,
    fault: { status: 503, ...NOT_TRIED_AGAIN },
  },
  {
    ...{ name: 'an upstream that timed out', status: 504, type: 'timeout_error' },
    raises: ['GatewayTimeoutError', 'InternalServerError'],
    says: /timed out.*stream long answers/,
    fault: { status: 504 },
  },
  {
    ...{ name: 'an overloaded upstream', status: 529, type: 'overloaded_error' },
    raises: ['OverloadedError', 'InternalServerError'],
    says: /Overloaded.*retry with exponential backoff/,
    fault: { status: 529, ...NOT_TRIED_AGAIN },
  },
];

for (const sdk of SDKS) {
  test.describe(`${sdk.name} raises its own class of error, with a message that says what to do:`, () => {
    for (const row of ROWS) {
      test(`${String(row.status)}, ${row.name}`, async ({ wire, customer }) => {
        const key = (await row.key?.(wire)) ?? customer.key;
        const request = { ...ordinary(row.fault), ...row.request };
        for (const stream of [false, true]) {
          const error = await raised(() =>
            sdk.client({ url: wire.stack.url, key }).messages.create({ ...request, stream }),
          );
          expect([error.constructor.name, error.status]).toEqual([classOf(row, sdk), row.status]);
          expect(error.type).toBe(row.type);
          expect(error.message).toMatch(row.says);
          expect(error.requestID).toMatch(/^req_/);
          expect(error.message).toContain(`"request_id":"${String(error.requestID)}"`);
        }
        const rows = await usageOf(wire.stack, customer.accountId);
        expect(rows.filter(({ amountNano }) => amountNano > 0n)).toEqual([]);
      });
    }

    test('a stream that breaks off midway', async ({ wire, customer }) => {
      const client = sdk.client({ url: wire.stack.url, key: customer.key });
      for (const fault of [{ errorEventAfterEvents: 6 }, { cutAfterEvents: 6, silenceAfterEvents: 6, silentMs: 30 }]) {
        const events: string[] = [];
        const error = await raised(async () => {
          for await (const event of await client.messages.create({ ...ordinary(fault), stream: true }))
            events.push(event.type);
        });
        expect(events[0]).toBe('message_start');
        expect(error.constructor.name).toBe('APIError');
        expect(error.message).toMatch(/not charged; send the request again/);
        const helped = await raised(() => client.messages.stream(ordinary(fault)).finalMessage());
        expect(helped.message).toMatch(/not charged; send the request again/);
      }
    });

    test('no error is retried but those that may pass, and these are', async ({ wire }) => {
      const broke = await createTestAccount(wire.stack, { creditNano: 0n });
      const client = sdk.client({ url: wire.stack.url, key: broke.key, maxRetries: 2 });
      const error = await raised(() => client.messages.create(ordinary()));
      expect(error.status).toBe(402);
      const { key } = await createTestAccount(wire.stack);
      await wire.fake.control.queueFault({ status: 529, retryAfter: 3 });
      const patient = sdk.client({ url: wire.stack.url, key, maxRetries: 2 });
      expect((await patient.messages.create(ordinary())).stop_reason).toBe('end_turn');
      expect(await wire.fake.control.requests()).toHaveLength(2);
    });
  });
}

function ordinary(fault: Fault = {}): Anthropic.MessageCreateParamsNonStreaming {
  return { model: MODEL, max_tokens: 64, messages: [{ role: 'user', content: `Hi ${directive(fault)}` }] };
}

function classOf({ raises: [newest, zero = newest] }: Row, sdk: OfficialSdk): string {
  return sdk.line === 'newest' ? newest : zero;
}

interface SdkError extends Error {
  status: number | undefined;
  type: string | null;
  requestID: string | null | undefined;
}

async function raised(work: () => PromiseLike<unknown>): Promise<SdkError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error) return error as SdkError;
  }
  throw new Error('no error was raised');
}
