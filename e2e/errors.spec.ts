import { expect, test } from '@playwright/test';
import { fakeAnthropicControl } from './fakes/anthropic/control';
import type { Fault } from './fakes/anthropic/fault';
import { onlyUsage, usageOf } from './support/books';
import { ask, errorOf, jsonOf, type Answer, type CallOptions } from './support/call';
import { question, streamed } from './support/question';
import { sharedStack } from './support/shared-stack';
import { createTestAccount } from './support/test-account';

const stack = sharedStack();

/** One request of a new account. */
async function askOnce(options: CallOptions, creditNano?: bigint): Promise<{ answer: Answer; accountId: string }> {
  const { accountId, key } = await createTestAccount(stack, creditNano === undefined ? {} : { creditNano });
  return { answer: await ask(stack.url, { key, ...options }), accountId };
}

/** How often the upstream was asked with this text in the body. */
async function upstreamTries(text: string): Promise<number> {
  const requests = await fakeAnthropicControl(stack.fakeUrl).requests();
  return requests.filter(({ bodyBase64 }) => Buffer.from(bodyBase64 ?? '', 'base64').includes(text)).length;
}

test.describe("G-50 the operator's own troubles with the upstream never look like the customer's", () => {
  const troubles: Record<string, Fault> = {
    'a bad credential': { status: 401, errorType: 'authentication_error', message: 'invalid x-api-key' },
    'unpaid bills': { status: 402, errorType: 'billing_error', message: 'Your organization must pay.' },
    'a missing permission': { status: 403, errorType: 'permission_error', message: 'Your API key may not do this.' },
    'an organization on hold': { status: 403, errorType: 'permission_error', message: 'organization_on_hold' },
    'a spend limit': { status: 400, message: 'You have reached your specified API usage limits.' },
    'an empty balance': { status: 400, message: 'Your credit balance is too low to access the Anthropic API.' },
    'a spend cap': { status: 429, errorType: 'rate_limit_error', message: 'This would exceed your monthly spend cap.' },
    'a redirect': { redirect: true },
    'a page in HTML': { status: 403, rawBody: '<html>Attention required! organization_on_hold</html>' },
  };

  for (const [name, fault] of Object.entries(troubles)) {
    test(name, async () => {
      for (const body of [question(fault), streamed(fault)]) {
        const { answer, accountId } = await askOnce({ body });
        expect([500, 529], answer.text).toContain(answer.status);
        expect(errorOf(answer).type).toBe(answer.status === 529 ? 'overloaded_error' : 'api_error');
        expect(errorOf(answer).message).toMatch(/retry/i);
        expect(answer.text).not.toMatch(/x-api-key|organi[sz]ation|API key|usage limits|credit balance|spend cap|html/);
        expect(answer.headers).not.toHaveProperty('location');
        expect(await onlyUsage(stack, accountId)).toMatchObject({ ending: 'refused', amountNano: 0n });
      }
    });
  }

  test('nor when tokens are counted', async () => {
    const { max_tokens: _, ...body } = question({ status: 401, message: 'invalid x-api-key' });
    const { answer } = await askOnce({ path: '/v1/messages/count_tokens', body });
    expect(answer.status).toBe(500);
    expect(errorOf(answer)).toMatchObject({ type: 'api_error' });
    expect(answer.text).not.toContain('x-api-key');
  });
});

test.describe("G-51 the upstream's no to a request passes byte for byte, but for the request id", () => {
  const refusals: Record<string, object> = {
    'a bad value': question({}, { temperature: 7 }),
    'an unknown tool choice': question({}, { tool_choice: { type: 'oracle' } }),
    'a bad image': question({}, { messages: [{ role: 'user', content: [{ type: 'image' }] }] }),
    'an unknown field': question({}, { tempurature: 1 }),
    'a stream': streamed({}, { temperature: 7 }),
    'details and unicode': question({ status: 400, message: 'nö: “\u2028”', details: { error_code: 'something_new' } }),
    'another status': question({ status: 413, errorType: 'request_too_large', message: 'Too large for the upstream.' }),
    'a request id that stands elsewhere too': question({ status: 404, message: 'no "request_id" here' }),
  };

  for (const [name, body] of Object.entries(refusals)) {
    test(name, async () => {
      const { answer, accountId } = await askOnce({ body });
      const direct = await ask(stack.fakeUrl, { key: `${stack.environment['ANTHROPIC_API_KEY'] ?? ''}-direct`, body });
      expect(direct.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBe(direct.status);
      const id = String(answer.headers['request-id']);
      expect(answer.text).toBe(direct.text.replace(String(direct.headers['request-id']), id));
      expect(answer.headers['content-type']).toBe(direct.headers['content-type']);
      expect(await onlyUsage(stack, accountId)).toMatchObject({ ending: 'refused', requestId: id, amountNano: 0n });
    });
  }
});

test.describe('G-52 one request id: in the header, in the body, and in the usage', () => {
  const refused: Record<string, { status: number; options: CallOptions; creditNano?: bigint }> = {
    'a body that is no JSON': { status: 400, options: { body: 'no JSON' } },
    'the upstream’s no': { status: 400, options: { body: question({}, { temperature: 7 }) } },
    'no key': { status: 401, options: { headers: { 'x-api-key': '' }, body: question() } },
    'no credit': { status: 402, options: { body: question() }, creditNano: 0n },
    'a foreign Bearer': { status: 403, options: { headers: { 'x-api-key': '', authorization: 'Bearer abc' } } },
    'an unknown model': { status: 404, options: { body: question({}, { model: 'claude-unknown' }) } },
    'an unknown path': { status: 404, options: { path: '/v1/complete', body: {} } },
    'a wrong method': { status: 405, options: { method: 'DELETE' } },
    'an overloaded upstream': { status: 529, options: { body: question({ status: 529 }) } },
    'a failing upstream': { status: 500, options: { body: streamed({ status: 500 }) } },
    'an upstream that hangs up': { status: 502, options: { body: question({ dropConnection: true }) } },
    'an upstream that times out': { status: 504, options: { body: question({ status: 504 }) } },
  };

  for (const [name, { status, options, creditNano }] of Object.entries(refused)) {
    test(name, async () => {
      const { answer, accountId } = await askOnce(options, creditNano);
      expect(answer.status, answer.text).toBe(status);
      const id = answer.headers['request-id'];
      expect(id).toMatch(/^req_[0-9A-Za-z]{23}$/);
      expect(jsonOf(answer)).toEqual({ type: 'error', error: expect.anything() as object, request_id: id });
      for (const row of await usageOf(stack, accountId)) expect(row.requestId).toBe(id);
    });
  }

  test('an answer and a stream', async () => {
    for (const body of [question(), streamed()]) {
      const { answer, accountId } = await askOnce({ body });
      const row = await onlyUsage(stack, accountId);
      expect(answer.headers['request-id']).toBe(row.requestId);
      expect(row.upstreamRequestId).toMatch(/^req_01/);
      expect(answer.text).not.toContain(String(row.upstreamRequestId));
    }
  });

  test('an error amid a stream', async () => {
    const { answer } = await askOnce({ body: streamed({ cutAfterEvents: 4, eventDelayMs: 20 }) });
    expect(answer).toMatchObject({ status: 200, ended: 'broken' });
    const [, event] = /event: error\ndata: (.*)\n\n$/.exec(answer.text) ?? [];
    expect(JSON.parse(event ?? '{}')).toMatchObject({ type: 'error', request_id: answer.headers['request-id'] });
  });
});

test('G-53 a 429 of the upstream says when to come back, never later than in 60 s', async () => {
  for (const [retryAfter, told] of [
    ['7', '7'],
    ['3600', '60'],
    ['Wed, 21 Oct 2037 07:28:00 GMT', '60'],
  ] as const) {
    const { answer } = await askOnce({ body: question({ status: 429, retryAfter, message: 'Slow down.' }) });
    expect(answer.status, retryAfter).toBe(429);
    expect(answer.headers['retry-after'], retryAfter).toBe(told);
    expect(errorOf(answer)).toMatchObject({ type: 'rate_limit_error' });
    expect(errorOf(answer).message).toContain(`${told} s`);
  }
});

test.describe('G-54 the upstream is tried again only where nothing of an answer has come', () => {
  const tries: Record<string, { fault: Fault; times: number }> = {
    'not after a 400': { fault: { status: 400 }, times: 1 },
    'not after a 404': { fault: { status: 404 }, times: 1 },
    'not after a 413': { fault: { status: 413 }, times: 1 },
    'not after a 401': { fault: { status: 401 }, times: 1 },
    'not where the wait is long': { fault: { status: 529, retryAfter: 30 }, times: 1 },
    'not once headers came': { fault: { cutAfterEvents: 0 }, times: 1 },
    'not amid the answer': { fault: { cutAfterEvents: 3 }, times: 1 },
    'three times in all when overloaded': { fault: { status: 529 }, times: 3 },
    'three times in all when it hangs up': { fault: { dropConnection: true }, times: 3 },
  };

  for (const [name, { fault, times }] of Object.entries(tries)) {
    test(name, async () => {
      const text = crypto.randomUUID();
      const { answer, accountId } = await askOnce({ body: streamed(fault, { metadata: { user_id: text } }) });
      expect(answer.text).toContain('error');
      expect(await upstreamTries(text)).toBe(times);
      expect(await onlyUsage(stack, accountId)).toMatchObject({ settledFrom: 'none', amountNano: 0n });
    });
  }
});

test.describe('G-55 browsers', () => {
  test('read errors too: CORS headers are on every answer', async () => {
    const headers = { origin: 'https://app.example.com', 'anthropic-dangerous-direct-browser-access': 'true' };
    const { key } = await createTestAccount(stack);
    const answers = [
      await ask(stack.url, { key, headers, body: question() }),
      await ask(stack.url, { key, headers, body: streamed() }),
      await ask(stack.url, { headers, body: question() }),
      await ask(stack.url, { key, headers, body: question({}, { model: 'nothing' }) }),
      await ask(stack.url, { key, headers, body: question({ status: 529 }) }),
      await ask(stack.url, { key, headers, path: '/v1/nothing' }),
      await ask(stack.url, { key, headers, method: 'PATCH' }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 401, 404, 529, 404, 405]);
    for (const answer of answers) {
      expect(answer.headers['access-control-allow-origin']).toBe('*');
      expect(answer.headers['access-control-expose-headers']).toMatch(/request-id/);
    }
  });

  test('ask first without a key', async () => {
    for (const path of ['/v1/messages', '/v1/messages/count_tokens', '/v1/models', '/v1/nothing']) {
      const answer = await ask(stack.url, {
        method: 'OPTIONS',
        path,
        headers: {
          origin: 'https://app.example.com',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'x-api-key,anthropic-version,content-type,x-stainless-lang',
        },
      });
      expect(answer.status, path).toBe(204);
      expect(answer.headers['access-control-allow-origin']).toBe('*');
      expect(answer.headers['access-control-allow-methods']).toContain('POST');
      expect(answer.headers['access-control-allow-headers']?.toLowerCase()).toMatch(/x-api-key.*x-stainless-lang/);
    }
  });
});

test('G-56 nothing of the upstream account shows in an answer', async () => {
  const fault: Fault = { headers: { 'x-secret-of-the-upstream': 'yes', 'x-should-retry': 'true' } };
  const { key } = await createTestAccount(stack);
  const direct = await ask(stack.fakeUrl, { key: stack.environment['ANTHROPIC_API_KEY'] ?? '', body: question(fault) });
  expect(direct.headers).toHaveProperty('anthropic-organization-id');
  expect(direct.headers).toHaveProperty('set-cookie');
  const bodies = [
    question(fault),
    streamed(fault),
    question({ ...fault, status: 400 }),
    streamed({ ...fault, status: 529 }),
  ];
  for (const body of bodies) {
    const { headers } = await ask(stack.url, { key, body });
    const foreign = /organization|workspace|^cf-|cookie|^via$|^server$|server-timing|robots|secret|strict-transport/;
    expect(Object.keys(headers).filter((name) => foreign.test(name))).toEqual([]);
    expect(headers['x-should-retry']).toBeUndefined();
    expect(headers['anthropic-ratelimit-requests-limit']).toBe('2000');
    expect(headers['anthropic-ratelimit-requests-limit']).not.toBe(
      direct.headers['anthropic-ratelimit-requests-limit'],
    );
    expect(headers).not.toHaveProperty('anthropic-ratelimit-tokens-limit');
  }
});
