import { expect } from '@playwright/test';
import { usageOf } from './support/books';
import { ask, errorOf, jsonOf, type Answer } from './support/call';
import { question, streamed } from './support/question';
import { createTestAccount } from './support/test-account';
import { test } from './support/wire-test';

const COUNTED = { model: 'claude-haiku-4-5', messages: [{ role: 'user', content: 'Hi' }] };
const RESOURCES = ['messages', 'messages/count_tokens', 'models', 'models/claude-opus-4-8'];
const SPELLINGS = [
  ...[
    '/v1/X',
    '/X',
    '/v1/v1/X',
    '/v1/X/',
    '/X/',
    '/v1//X',
    '//v1/X',
    '/v1/v1//X//',
    '/v1/X?beta=true',
    '/v1/X/?beta=true',
  ],
];
const UNKNOWN_PATHS = [
  ...['/v1', '/v1/', '/v1/foo', '/v1/complete', '/v1/messages/batches', '/v1/messages/batches/msgbatch_1/results'],
  ...['/v1/files', '/v1/skills', '/v1/agents', '/v1/oauth/token', '/v1/organizations/me', '/v1/models/a/b', '/v1/%20'],
  ...['/v1/messages/%00', '/v1/..%2f..%2fetc', '/v1/messages/../files', `/v1/${'long/'.repeat(400)}`],
];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** Methods that Next has no handlers for. */
const ODD_METHODS = ['PROPFIND', 'REPORT', 'SEARCH'];

function expectApiShape(answer: Answer, status: number, type: string): void {
  expect(answer.status, answer.text.slice(0, 500)).toBe(status);
  expect(answer.headers['content-type']).toBe('application/json');
  expect(Object.keys(jsonOf(answer))).toEqual(['type', 'error', 'request_id']);
  expect(errorOf(answer).type).toBe(type);
  expect(jsonOf(answer)['request_id']).toBe(answer.headers['request-id']);
  expect(answer.headers['access-control-allow-origin']).toBe('*');
}

test.describe('G-05: every spelling of a path that clients use gets to one handler, without a redirect:', () => {
  for (const spelling of SPELLINGS) {
    test(spelling, async ({ wire, customer }) => {
      for (const resource of RESOURCES) {
        const path = spelling.replace('X', resource);
        const body = resource === 'messages' ? question() : resource.startsWith('messages') ? COUNTED : undefined;
        const method = body === undefined ? 'GET' : 'POST';
        const answer = await ask(wire.stack.url, { method, path, key: customer.key, ...(body && { body }) });
        expect(answer.status, `${method} ${path}: ${answer.text.slice(0, 300)}`).toBe(200);
        expect(answer.headers['content-type']).toBe('application/json');
      }
      const upstream = (await wire.fake.control.requests()).map(({ path }) => path);
      const query = spelling.includes('?') ? '?beta=true' : '';
      expect(upstream).toEqual([`/v1/messages${query}`, `/v1/messages/count_tokens${query}`]);
    });
  }
});

test.describe('G-06: what is not there is told in the shape of the API, with a key or without:', () => {
  test('an unknown path gives 404 for every method', async ({ wire, customer }) => {
    for (const path of UNKNOWN_PATHS) {
      for (const method of METHODS) {
        const answer = await ask(wire.stack.url, { method, path, key: customer.key });
        expectApiShape(answer, 404, 'not_found_error');
        expect(errorOf(answer).message).toContain('POST /v1/messages');
      }
    }
    expectApiShape(await ask(wire.stack.url, { path: '/v1/foo', body: 'no json' }), 404, 'not_found_error');
  });

  test('a known path gives 405, and says which method to use, for every other', async ({ wire }) => {
    const allowed: Record<string, string> = {
      ...{ '/v1/messages': 'POST', '/v1/messages/count_tokens': 'POST' },
      ...{ '/v1/models': 'GET', '/v1/models/claude-opus-4-8': 'GET', '/messages': 'POST' },
    };
    for (const [path, right] of Object.entries(allowed)) {
      for (const method of METHODS.filter((method) => method !== right)) {
        const answer = await ask(wire.stack.url, { method, path });
        expectApiShape(answer, 405, 'invalid_request_error');
        expect(answer.headers['allow']).toBe(right);
        expect(errorOf(answer).message).toContain(`Use ${right}`);
      }
    }
  });

  test('a method that hardly anyone knows is refused in that shape too', async ({ wire }) => {
    for (const method of ODD_METHODS) {
      for (const path of ['/v1/messages', '/v1/models', '/v1/foo']) {
        const answer = await ask(wire.stack.url, { method, path });
        expect([404, 405]).toContain(answer.status);
        expectApiShape(answer, answer.status, answer.status === 404 ? 'not_found_error' : 'invalid_request_error');
      }
    }
  });

  test('a path that cannot be decoded is no page of HTML', async ({ wire, customer }) => {
    for (const path of ['/v1/%zz', '/v1/models/%', '/v1/models/%c0%af', '/v1/messages%']) {
      const answer = await ask(wire.stack.url, { method: 'GET', path, key: customer.key });
      expect([400, 404]).toContain(answer.status);
      expectApiShape(answer, answer.status, answer.status === 404 ? 'not_found_error' : 'invalid_request_error');
    }
  });

  test('a body that is no JSON object gives 400', async ({ wire, customer }) => {
    for (const body of ['', 'null', '[]', '{', '{"model":', '"text"', '{"model":"a"}{}', '\u0000']) {
      for (const path of ['/v1/messages', '/v1/messages/count_tokens']) {
        expectApiShape(await ask(wire.stack.url, { path, key: customer.key, body }), 400, 'invalid_request_error');
      }
    }
    expect(await wire.fake.control.requests()).toEqual([]);
  });
});

test('HEAD is answered without a body, and a warm-up of a connection is cheap', async ({ wire, customer }) => {
  const headers = { 'x-api-key': customer.key };
  const statuses: Record<string, number[]> = {
    ...{ '/': [200], '/api/hello': [200, 404], '/v1/models': [200, 405], '/v1/messages': [405], '/v1/foo': [404] },
  };
  for (const [path, expected] of Object.entries(statuses)) {
    const answer = await ask(wire.stack.url, { method: 'HEAD', path, headers });
    expect(expected, `HEAD ${path} ${String(answer.status)}`).toContain(answer.status);
    expect(answer.bytes).toHaveLength(0);
  }
});

test('G-07: count_tokens and models work at a zero balance and cost nothing', async ({ wire }) => {
  const broke = await createTestAccount(wire.stack, { creditNano: 0n });
  const { key } = broke;
  const counted = await ask(wire.stack.url, { path: '/v1/messages/count_tokens', key, body: COUNTED });
  expect(counted.status).toBe(200);
  expect(jsonOf(counted)).toEqual({ input_tokens: expect.any(Number) });
  for (const path of ['/v1/models', '/v1/models/claude-haiku-4-5-20251001']) {
    expect((await ask(wire.stack.url, { method: 'GET', path, key })).status).toBe(200);
  }
  expect((await ask(wire.stack.url, { key, body: question() })).status).toBe(402);
  expect(await usageOf(wire.stack, broke.accountId)).toEqual([]);
});

test('G-08: every model has a name and limits, is found by its alias, and the list has pages', async ({
  wire,
  customer,
}) => {
  type Page = { data: Record<string, unknown>[]; has_more: boolean; first_id: string; last_id: string };
  const get = async (path: string) =>
    jsonOf(await ask(wire.stack.url, { method: 'GET', path, key: customer.key })) as unknown as Page;
  const all = await get('/v1/models?limit=1000');
  expect(all.data.map((model) => model['id'])).toEqual(['claude-opus-4-8', 'claude-sonnet-4-6', 'claude-haiku-4-5']);
  for (const model of all.data) {
    expect(model).toMatchObject({
      ...{ type: 'model', display_name: expect.any(String), created_at: expect.any(String) },
      ...{ max_input_tokens: expect.any(Number), max_tokens: expect.any(Number) },
      ...{ lifecycle: expect.any(String), line: expect.any(String) },
      capabilities: expect.any(Object),
    });
  }
  expect(await get('/v1/models/claude-haiku-4-5-20251001')).toEqual(all.data[2]);
  const first = await get('/v1/models?limit=2');
  expect(first).toMatchObject({ has_more: true, first_id: 'claude-opus-4-8', last_id: 'claude-sonnet-4-6' });
  const second = await get(`/v1/models?limit=2&after_id=${first.last_id}`);
  expect(second).toMatchObject({ has_more: false, first_id: 'claude-haiku-4-5', last_id: 'claude-haiku-4-5' });
  const unknown = await ask(wire.stack.url, { method: 'GET', path: '/v1/models/claude-opus-9', key: customer.key });
  expectApiShape(unknown, 404, 'not_found_error');
  expect(errorOf(unknown).message).toContain('claude-opus-4-8, claude-sonnet-4-6, claude-haiku-4-5');
  const wrong = await ask(wire.stack.url, { method: 'GET', path: '/v1/models?limit=0', key: customer.key });
  expectApiShape(wrong, 400, 'invalid_request_error');
});

test('G-55: a browser may ask: a preflight needs no key, and every answer and error carries CORS headers', async ({
  wire,
  customer,
}) => {
  for (const path of ['/v1/messages', '/messages', '/v1/models', '/v1/foo']) {
    const preflight = await ask(wire.stack.url, {
      method: 'OPTIONS',
      path,
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-api-key,anthropic-version,content-type,x-stainless-lang',
      },
    });
    expect(preflight.status, path).toBe(204);
    expect(preflight.headers['access-control-allow-origin']).toBe('*');
    expect(preflight.headers['access-control-allow-headers']).toContain('x-stainless-lang');
    expect(preflight.headers['access-control-allow-methods']).toContain('POST');
  }
  const headers = { origin: 'https://app.example', 'anthropic-dangerous-direct-browser-access': 'true' };
  for (const body of [question(), streamed(), question({ status: 400 }), question({ status: 529, retryAfter: 30 })]) {
    const answer = await ask(wire.stack.url, { key: customer.key, body, headers });
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(answer.headers['access-control-expose-headers']).toContain('request-id');
  }
  const denied = await ask(wire.stack.url, { body: question(), headers });
  expect([denied.status, denied.headers['access-control-allow-origin']]).toEqual([401, '*']);
  for (const { headers } of await wire.fake.control.requests()) {
    expect(headers.map(([name]) => name)).not.toContain('origin');
  }
});
