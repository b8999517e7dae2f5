import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { assemble } from './assemble';
import { directive } from './control';
import type { Fault } from './fault';
import type { Frame } from './frame';
import type { JsonObject } from './json';
import { startFakeAnthropic, type FakeAnthropic } from './server';

let fake: FakeAnthropic;

beforeAll(async () => {
  fake = await startFakeAnthropic();
});

afterAll(async () => {
  await fake.close();
});

beforeEach(async () => {
  await Promise.all([fake.control.clearLedger(), fake.control.clearRequests(), fake.control.clearFaults()]);
});

function headers(more: Record<string, string> = {}): Record<string, string> {
  return { 'x-api-key': fake.apiKey, 'anthropic-version': '2023-06-01', 'content-type': 'application/json', ...more };
}

function ask(fault: Fault, more: JsonObject = {}): JsonObject {
  const content = `Say something. ${directive(fault)}`;
  return { model: 'claude-sonnet-4-6', max_tokens: 1000, messages: [{ role: 'user', content }], ...more };
}

function post(body: JsonObject, more: Record<string, string> = {}): Promise<Response> {
  return fetch(`${fake.url}/v1/messages`, { method: 'POST', headers: headers(more), body: JSON.stringify(body) });
}

function framesIn(sse: string): Frame[] {
  return sse
    .split(/\r?\n\r?\n/)
    .filter((block) => block !== '')
    .map((block) => {
      const [eventLine = '', dataLine = ''] = block.split(/\r?\n/);
      return { event: eventLine.slice('event: '.length), data: dataLine.slice('data: '.length), outputTokens: 0 };
    });
}

/** The pieces in which a body arrives, and whether it arrived whole. */
function rawPost(body: JsonObject): Promise<{ chunks: Buffer[]; whole: boolean; status: number }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${fake.url}/v1/messages`, { method: 'POST', headers: headers(), agent: false });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => undefined);
      response.on('close', () => {
        resolve({ chunks, whole: response.complete, status: response.statusCode ?? 0 });
      });
    });
    request.end(JSON.stringify(body));
  });
}

describe('answers', () => {
  it('are the same bytes for the same bytes, ids included, and differ in their request id alone', async () => {
    for (const stream of [true, false]) {
      const [first, second] = await Promise.all([post(ask({}, { stream })), post(ask({}, { stream }))]);
      expect(await first.text()).toBe(await second.text());
      expect(first.headers.get('request-id')).toMatch(/^req_01/);
      expect(first.headers.get('request-id')).not.toBe(second.headers.get('request-id'));
    }
  });

  it('have an id of their own each when asked to', async () => {
    const body = ask({ uniqueId: true });
    const [first, second] = await Promise.all([post(body), post(body)]);
    expect(await first.text()).not.toBe(await second.text());
  });

  it('say the same as events and as JSON', async () => {
    const thinking = { type: 'enabled', budget_tokens: 1024 };
    const more = { max_tokens: 3000, thinking };
    const sse = await (await post(ask({ text: 'Grüße 🙂 und mehr.' }, { ...more, stream: true }))).text();
    const json = (await (await post(ask({ text: 'Grüße 🙂 und mehr.' }, more))).json()) as JsonObject;
    const streamed = assemble(framesIn(sse));
    expect(streamed['content']).toEqual(json['content']);
    expect(streamed['stop_reason']).toBe('end_turn');
  });

  it('carry the headers that a gateway must not hand on', async () => {
    const response = await post(ask({}));
    for (const name of ['anthropic-organization-id', 'cf-ray', 'set-cookie', 'anthropic-ratelimit-requests-limit']) {
      expect(response.headers.get(name), name).not.toBeNull();
    }
  });

  it('have exactly the output tokens asked for, or max_tokens if that is fewer', async () => {
    for (const [outputTokens, expected, reason] of [
      [200, 200, 'end_turn'],
      [5000, 1000, 'max_tokens'],
    ] as const) {
      const message = (await (await post(ask({ outputTokens }))).json()) as JsonObject;
      expect(message['usage']).toMatchObject({ output_tokens: expected });
      expect(message['stop_reason']).toBe(reason);
    }
  });

  it('are empty when max_tokens is 0, and cost their input alone', async () => {
    const message = (await (await post(ask({}, { max_tokens: 0 }))).json()) as JsonObject;
    expect(message).toMatchObject({ content: [], stop_reason: 'max_tokens', usage: { output_tokens: 0 } });
    expect((await post(ask({}, { max_tokens: 0, stream: true }))).status).toBe(400);
  });

  it('end at a stop sequence', async () => {
    const message = (await (
      await post(ask({ text: 'one two three' }, { stop_sequences: [' three', 'two'] }))
    ).json()) as JsonObject;
    expect(message).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'two', content: [{ text: 'one ' }] });
  });

  it('compact a long conversation when the beta is asked to, and bill it as an iteration of its own', async () => {
    const context_management = { edits: [{ type: 'compact_20260112', trigger: { type: 'input_tokens', value: 1 } }] };
    const response = await post(ask({}, { context_management }), { 'anthropic-beta': 'compact-2026-01-12' });
    const message = (await response.json()) as JsonObject;
    expect(message['content']).toMatchObject([{ type: 'compaction' }, { type: 'text' }]);
    expect(message['usage']).toMatchObject({ iterations: [{ type: 'compaction' }, { type: 'message' }] });
  });

  it('search the web by themselves when that tool is offered', async () => {
    const tools = [{ type: 'web_search_20250305', name: 'web_search' }];
    const sse = await (await post(ask({}, { tools, stream: true }))).text();
    expect(sse).toContain('citations_delta');
    expect(assemble(framesIn(sse))['usage']).toMatchObject({ server_tool_use: { web_search_requests: 1 } });
  });
});

describe('refusals', () => {
  it.each([
    [{ 'x-api-key': 'wrong' }, 401, 'invalid x-api-key'],
    [{ 'x-api-key': '' }, 401, 'x-api-key header is required'],
    [{ 'x-api-key': '', authorization: 'Bearer wrong' }, 401, 'Invalid bearer token'],
    [
      { origin: 'https://example.com' },
      401,
      "CORS requests must set 'anthropic-dangerous-direct-browser-access' header",
    ],
    [{ 'anthropic-version': '' }, 400, 'anthropic-version: header is required'],
  ])('answer headers %j as the API does', async (more, status, message) => {
    const response = await post(ask({}), more);
    expect(response.status).toBe(status);
    const body = (await response.json()) as JsonObject;
    expect(body).toMatchObject({ type: 'error', error: { message }, request_id: response.headers.get('request-id') });
  });

  it('name a beta that does not exist', async () => {
    const response = await post(ask({}), { 'anthropic-beta': 'pdfs-2024-09-25,foo-2025-01-01' });
    expect(await response.text()).toContain('Unexpected value(s) `foo-2025-01-01` for the `anthropic-beta` header');
  });

  it('are JSON for unknown paths, wrong methods and broken bodies', async () => {
    const get = await fetch(`${fake.url}/v1/messages`, { headers: headers() });
    const lost = await fetch(`${fake.url}/v1/foo`, { headers: headers() });
    const broken = await fetch(`${fake.url}/v1/messages`, { method: 'POST', headers: headers(), body: '{"a":' });
    expect([get.status, lost.status, broken.status]).toEqual([405, 404, 400]);
    expect(await lost.json()).toMatchObject({ error: { type: 'not_found_error', message: 'Not found: GET /v1/foo' } });
    expect(await broken.text()).toContain('The request body is not valid JSON');
  });

  it('of a body that is too large come while it is still being sent, with and without a length', async () => {
    const large = Buffer.alloc(33 * 1024 * 1024, 'a');
    const whole = await fetch(`${fake.url}/v1/messages`, { method: 'POST', headers: headers(), body: large });
    expect(whole.status).toBe(413);
    const chunked = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${fake.url}/v1/messages`, { method: 'POST', headers: headers(), agent: false });
      request.on('error', reject);
      request.on('response', (response) => {
        resolve(response.resume().statusCode);
      });
      request.write(large);
      request.end();
    });
    expect(chunked).toBe(413);
  });

  it('misspelt directives are among them', async () => {
    const response = await post(ask({ statsu: 500 } as Fault));
    expect(await response.text()).toContain('unknown fault field statsu');
  });
});

describe('faults', () => {
  it('answer with the status, type and headers asked for, from a directive and from the queue', async () => {
    const fault = { status: 529, retryAfter: 7, headers: { 'x-should-retry': 'true' } };
    await fake.control.queueFault(fault, { times: 1, path: '/v1/messages' });
    for (const response of [await post(ask({})), await post(ask(fault))]) {
      expect(response.status).toBe(529);
      expect(response.headers.get('retry-after')).toBe('7');
      expect(await response.json()).toMatchObject({ error: { type: 'overloaded_error', message: 'Overloaded' } });
    }
    expect((await post(ask({}))).status).toBe(200);
    expect(await fake.control.ledger()).toHaveLength(1);
  });

  it('change how bytes travel but never the bytes', async () => {
    const plain = await (await post(ask({ scenario: 'text_emoji' }, { stream: true }))).text();
    const strip = (text: string) => text.replace(/"msg_[^"]*"/g, '"id"');
    for (const how of [
      { trickle: true },
      { chunkBytes: 7 },
      { splitAt: 333 },
      { gzip: true },
      { gzip: 'br' },
    ] as Fault[]) {
      const response = await post(ask({ scenario: 'text_emoji', ...how }, { stream: true }));
      expect(strip(await response.text()), JSON.stringify(how)).toBe(strip(plain));
    }
    const crlf = await (await post(ask({ scenario: 'text_emoji', crlf: true }, { stream: true }))).text();
    expect(strip(crlf.replaceAll('\r\n', '\n'))).toBe(strip(plain));
  });

  it('split a body at the very byte', async () => {
    for (const splitAt of [1, 150, 601]) {
      const { chunks, whole } = await rawPost(ask({ text: 'é🙂', splitAt }, { stream: true }));
      expect(whole).toBe(true);
      expect(chunks.map((chunk) => chunk.length).at(0)).toBe(splitAt);
      expect(chunks).toHaveLength(2);
    }
  });

  it('break streams off in each of the ways there are', async () => {
    const cut = await rawPost(ask({ outputTokens: 50, cutAfterEvents: 4 }, { stream: true }));
    expect(cut.whole).toBe(false);
    const ends = await rawPost(ask({ outputTokens: 50, truncateAfterEvents: 4 }, { stream: true }));
    expect(ends.whole).toBe(true);
    expect(framesIn(Buffer.concat(ends.chunks).toString())).toHaveLength(4);
    const failed = await rawPost(ask({ outputTokens: 50, errorEventAfterEvents: 4 }, { stream: true }));
    expect(framesIn(Buffer.concat(failed.chunks).toString()).at(-1)?.data).toContain('overloaded_error');
    const half = await rawPost(ask({ truncateJson: true }));
    expect(half.whole).toBe(false);
    expect(Buffer.concat(half.chunks).length).toBeGreaterThan(0);
    const rows = await fake.control.ledger();
    expect(rows.map((row) => [row.finished, row.cancelled])).toEqual(Array(4).fill([false, false]));
  });

  it('write answers of any size in both forms', async () => {
    for (const stream of [true, false]) {
      const response = await post(ask({ hugeBytes: 3_000_000 }, { stream }));
      const text = await response.text();
      const message = stream ? assemble(framesIn(text)) : (JSON.parse(text) as JsonObject);
      expect(JSON.stringify(message['content']).length).toBeGreaterThan(3_000_000);
    }
  });

  it('override usage with whatever a test wants to see', async () => {
    const usage = { input_tokens: '77', cache_read_input_tokens: null, output_tokens: 1.5 };
    const message = (await (await post(ask({ usage, servedModel: 'claude-haiku-4-5' }))).json()) as JsonObject;
    expect(message).toMatchObject({ model: 'claude-haiku-4-5', usage: { input_tokens: '77', output_tokens: 1.5 } });
    // 77 * 1000 + 2 * 5000
    expect((await fake.control.ledger())[0]?.amountNano).toBe('87000');
  });
});

describe('what is remembered', () => {
  it('holds a finished answer with its exact bill', async () => {
    await (await post(ask({ outputTokens: 40 }, { stream: true }))).text();
    const [row] = await fake.control.ledger();
    const input = Number(row?.usage['input_tokens']);
    expect(input).toBeGreaterThan(0);
    expect(row).toMatchObject({ finished: true, cancelled: false, stream: true, deliveredOutputTokens: 40 });
    expect(row?.amountNano).toBe(String(input * 3000 + 40 * 15_000));
  });

  it('holds an answer whose client left with the output delivered until then', async () => {
    const leave = new AbortController();
    const body = ask({ outputTokens: 400, tokensPerEvent: 1, stallAfterEvents: 13, pings: 1 }, { stream: true });
    const response = await fetch(`${fake.url}/v1/messages`, {
      method: 'POST',
      headers: headers(),
      body: JSON.stringify(body),
      signal: leave.signal,
    });
    const reader = response.body?.getReader();
    let seen = '';
    while (framesIn(seen).length < 13) seen += Buffer.from((await reader?.read())?.value ?? []).toString();
    expect((await fake.control.connections()).openStreams).toBe(1);
    leave.abort();
    await expect.poll(() => fake.control.ledger()).toHaveLength(1);
    const [row] = await fake.control.ledger();
    // Thirteen events: message_start, content_block_start, a ping, ten tokens.
    expect(row).toMatchObject({ finished: false, cancelled: true, deliveredOutputTokens: 10 });
    expect((await fake.control.connections()).openStreams).toBe(0);
  });

  it('counts a client that left before the answer began', async () => {
    const before = (await fake.control.connections()).abandonedRequests;
    const body = JSON.stringify(ask({ stallBeforeHeaders: true }));
    const leave = new AbortController();
    const asked = fetch(`${fake.url}/v1/messages`, { method: 'POST', headers: headers(), body, signal: leave.signal });
    await expect.poll(async () => (await fake.control.connections()).openRequests).toBe(1);
    leave.abort();
    await expect(asked).rejects.toThrow();
    await expect.poll(async () => (await fake.control.connections()).abandonedRequests).toBe(before + 1);
    expect(await fake.control.ledger()).toEqual([]);
  });

  it('shows requests as they came', async () => {
    const body = ask({});
    await (await post(body, { 'x-odd': 'Value' })).text();
    const [request] = await fake.control.requests();
    const text = JSON.stringify(body);
    expect(request).toMatchObject({ method: 'POST', path: '/v1/messages', bodyBytes: Buffer.byteLength(text) });
    expect(request?.bodySha256).toBe(createHash('sha256').update(text).digest('hex'));
    expect(request?.headers).toContainEqual(['x-odd', 'Value']);
    expect(Buffer.from(request?.bodyBase64 ?? '', 'base64').toString()).toBe(text);
  });

  it('pages through models and finds them by alias', async () => {
    const get = async (path: string) =>
      (await (await fetch(`${fake.url}/v1/models${path}`, { headers: headers() })).json()) as JsonObject;
    expect(await get('?limit=2')).toMatchObject({ has_more: true, last_id: 'claude-sonnet-4-6' });
    expect(await get('?after_id=claude-sonnet-4-6')).toMatchObject({
      has_more: false,
      first_id: 'claude-haiku-4-5-20251001',
    });
    expect(await get('?before_id=claude-haiku-4-5&limit=1')).toMatchObject({
      has_more: true,
      first_id: 'claude-sonnet-4-6',
    });
    expect(await get('/claude-haiku-4-5')).toMatchObject({ id: 'claude-haiku-4-5-20251001' });
    expect(await get('?limit=0')).toMatchObject({ type: 'error' });
  });
});
