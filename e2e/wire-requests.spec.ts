import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect } from '@playwright/test';
import { ask, errorOf, jsonOf } from './support/call';
import { question, streamed } from './support/question';
import { WEATHER_TOOL } from './support/sample-requests';
import type { TestAccount } from './support/test-account';
import { test, type Wire } from './support/wire-test';

const PROPERTY_RUNS = 150;
const ASKS = '"model":"claude-sonnet-4-6","max_tokens":64,"messages":[{"role":"user","content":"Hi"}]';
const THINKS = { type: 'adaptive' };

/** Sends bytes and expects the upstream to have got these bytes and no others. */
async function expectForwarded(wire: Wire, customer: TestAccount, body: Buffer): Promise<number> {
  await wire.fake.control.clearRequests();
  const answer = await ask(wire.stack.url, { key: customer.key, body });
  const received = await wire.fake.control.requests();
  expect(
    received.map(({ bodySha256 }) => bodySha256),
    answer.text.slice(0, 500),
  ).toEqual([sha256(body)]);
  return answer.status;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** JSON as text, with all that a parse and a re-serialisation would lose. */
const delicateJson = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('1.0', '-0', '1e3', '1E+2', '12345678901234567890', '0.1000', 'null', 'true', '"\\u0000"', '"\\/"'),
    fc.constantFrom('"\\ud83d"', '"\\ude42\\ud83d"', '"\\u00e9"', '"é🙂"', '"\u2028"', '"\u007f"', '""', '"\\"}]"'),
    fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
    tie('object'),
    tie('array'),
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom('10', '2', 'a', 'b', '__proto__', 'model', '', 'é'), tie('value'), space()))
    .map((fields) => `{${fields.map(([key, value, gap]) => `${gap}"${key}"${gap}:${gap}${value}`).join(',')}}`),
  array: fc.array(tie('value')).map((values) => `[ ${values.join(' ,\n')} ]`),
}));

function space(): fc.Arbitrary<string> {
  return fc.constantFrom('', ' ', '\n\t', '\r\n');
}

test('G-10: the bytes of a body reach the upstream as they were sent, whatever JSON it is', async ({
  wire,
  customer,
}) => {
  const body = fc
    .tuple(delicateJson.value, delicateJson.object, fc.boolean(), space())
    .map(([value, schema, first, gap]) => {
      const extra = `"metadata"${gap}:${gap}{"user_id":"u","x":${value}},"tools":[{"name":"t","input_schema":${schema}}]`;
      return `${gap}{${gap}${first ? `${extra}${gap},${ASKS}` : `${ASKS},${gap}${extra}`}${gap}}${gap}`;
    });
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      await expectForwarded(wire, customer, Buffer.from(text));
    }),
    { numRuns: PROPERTY_RUNS },
  );
});

test('G-10: and so do big integers, doubled keys, lone surrogates and 20 MB of base64', async ({ wire, customer }) => {
  const schema = '{"type":"object","properties":{"10":{"const":1},"2":{"const":2},"a":1.0,"a":12345678901234567890}}';
  const bodies = [
    `{${ASKS},"tools":[{"name":"t","input_schema":${schema}}]}`,
    `{${ASKS},"system":"\\ud83d \\u0000 \\ude42","temperature":1.0}`,
    `{${ASKS},"metadata":{"user_id":"a"},"metadata":{"user_id":"b"}}`,
    `\n\t {${ASKS}}\r\n`,
    `{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"${'iVBORw0K'.repeat(2_621_440)}"}}]}],"model":"claude-opus-4-8","max_tokens":5}`,
  ];
  for (const body of bodies) expect(await expectForwarded(wire, customer, Buffer.from(body))).toBe(200);
});

test('G-10: bytes that are no UTF-8 are forwarded as they are or refused, never mended', async ({ wire, customer }) => {
  const body = Buffer.from(`{${ASKS},"system":"?"}`);
  body[body.lastIndexOf('?')] = 0xff;
  const answer = await ask(wire.stack.url, { key: customer.key, body });
  const received = await wire.fake.control.requests();
  if (received.length === 0) expect(answer.status).toBe(400);
  else expect(received[0]?.bodySha256).toBe(sha256(body));
});

test('G-11: the system prompt keeps its order and its breakpoints, and nothing is put in', async ({
  wire,
  customer,
}) => {
  const block = (text: string) => ({ type: 'text', text, cache_control: { type: 'ephemeral' } });
  const system = [{ type: 'text', text: 'x-anthropic-billing-header: cc_version=2' }, ...['a', 'b', 'c'].map(block)];
  const body = question(
    {},
    { system, messages: [{ role: 'user', content: [block('four breakpoints are the most')] }] },
  );
  expect(await expectForwarded(wire, customer, Buffer.from(JSON.stringify(body)))).toBe(200);
});

test('G-12: thinking and its signature, redacted or not, come back to the upstream as they went', async ({
  wire,
  customer,
}) => {
  for (const redactedThinking of [undefined, true] as const) {
    const asked = question(redactedThinking && { redactedThinking }, { model: 'claude-sonnet-4-6', thinking: THINKS });
    const first = await ask(wire.stack.url, { key: customer.key, body: asked });
    const { content } = jsonOf(first) as { content: { type: string }[] };
    expect(content[0]?.type).toBe(redactedThinking ? 'redacted_thinking' : 'thinking');
    // The content as the bytes of the answer have it, not as a parse and a re-serialisation would make it.
    const bytes = first.text.slice(first.text.indexOf('"content":') + '"content":'.length);
    const blocks = bytes.slice(0, bytes.indexOf(',"stop_reason"'));
    const messages = `[{"role":"user","content":"Hi"},{"role":"assistant","content":${blocks}},{"role":"user","content":"Go on"}]`;
    const next = `{"model":"claude-sonnet-4-6","max_tokens":64,"thinking":{"type":"adaptive"},"messages":${messages}}`;
    expect(await expectForwarded(wire, customer, Buffer.from(next))).toBe(200);
  }
});

test('G-14: tool input that is cut in the midst of its JSON passes, and is charged', async ({ wire, customer }) => {
  const tools = [{ ...WEATHER_TOOL, eager_input_streaming: true }];
  const body = streamed({ toolInput: { location: 'Köln'.repeat(50) } }, { tools, max_tokens: 30 });
  const answer = await ask(wire.stack.url, { key: customer.key, body });
  expect(answer.text).toContain('input_json_delta');
  expect(answer.text).toContain('"stop_reason":"max_tokens"');
  expect(answer.text.endsWith('event: message_stop\ndata: {"type":"message_stop"}\n\n')).toBe(true);
});

test('G-03: any user agent and any beta is served, and any accept', async ({ wire, customer }) => {
  const agents = ['Anthropic/JS 1.12.0', 'claude-cli/2.1.330 (external, cli)', 'curl/8', 'Hermes', ''];
  for (const agent of agents) {
    const headers = { 'user-agent': agent, accept: 'text/html', 'anthropic-beta': 'claude-code-20250219' };
    expect((await ask(wire.stack.url, { key: customer.key, body: question(), headers })).status).toBe(200);
    const stream = await ask(wire.stack.url, { key: customer.key, body: streamed(), headers });
    expect(stream.headers['content-type']).toContain('text/event-stream');
  }
});

test('G-04: a beta travels with the field it brings, verbatim, and none is put in', async ({ wire, customer }) => {
  const body = question({}, { context_management: { edits: [] } });
  const betas = 'context-management-2025-06-27,  interleaved-thinking-2025-05-14,claude-code-20250219';
  await ask(wire.stack.url, { key: customer.key, body, headers: { 'anthropic-beta': betas } });
  await ask(wire.stack.url, { key: customer.key, body: question({}, { thinking: { type: 'disabled' } }) });
  const [withBetas, without] = (await wire.fake.control.requests()).map(({ headers }) => Object.fromEntries(headers));
  expect(withBetas?.['anthropic-beta']).toBe(betas);
  expect(without).not.toHaveProperty('anthropic-beta');
});

test('only what is meant for the upstream goes there: no cookie, origin, address, trace or hop-by-hop header', async ({
  wire,
  customer,
}) => {
  const strays = {
    ...{ cookie: 'session=1', origin: 'https://app.example', referer: 'https://app.example/x', te: 'trailers' },
    ...{ 'x-forwarded-for': '203.0.113.7', 'x-forwarded-host': 'evil.example', 'x-real-ip': '203.0.113.7' },
    ...{ forwarded: 'for=203.0.113.7', via: '1.1 proxy', 'cf-connecting-ip': '203.0.113.7', 'sec-fetch-mode': 'cors' },
    ...{ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=b', baggage: 'c=d' },
    ...{
      'x-stainless-lang': 'js',
      'x-app': 'cli',
      'x-claude-code-session-id': 's',
      'http-referer': 'x',
      'x-title': 't',
    },
    ...{ 'anthropic-workspace-id': 'wrkspc_other', 'anthropic-user-profile-id': 'uprof_other' },
    ...{ 'anthropic-dangerous-direct-browser-access': 'true', 'accept-encoding': 'gzip, br', accept: 'text/html' },
    ...{
      'proxy-authorization': 'Basic eDp5',
      'user-agent': 'a-client/1',
      expect: '100-continue',
      'x-custom': '1',
      'keep-alive': '5',
    },
  };
  const headers = { ...strays, 'anthropic-version': '2026-10-21', 'anthropic-new-thing': 'yes' };
  const answer = await ask(wire.stack.url, { key: customer.key, body: question(), headers });
  expect(answer.status).toBe(200);
  const [received] = await wire.fake.control.requests();
  const {
    host: _,
    connection: __,
    'content-length': length,
    ...upstream
  } = Object.fromEntries(received?.headers ?? []);
  expect(upstream).toEqual({
    'x-api-key': wire.fake.apiKey,
    'anthropic-version': '2026-10-21',
    'anthropic-new-thing': 'yes',
    'content-type': 'application/json',
    'accept-encoding': 'identity',
  });
  expect(length).toBe(String(received?.bodyBytes));
});

test('a request without a version is taken for the older one', async ({ wire, customer }) => {
  const answer = await ask(wire.stack.url, { headers: { 'x-api-key': customer.key }, body: question() });
  expect(answer.status).toBe(200);
  const [received] = await wire.fake.control.requests();
  expect(received?.headers).toContainEqual(['anthropic-version', '2023-06-01']);
});

test('betas that bill somebody else are taken out, and the rest goes on', async ({ wire, customer }) => {
  const headers = { 'anthropic-beta': 'user-profiles-2026-03-24,prompt-caching-2024-07-31' };
  await ask(wire.stack.url, { key: customer.key, body: question(), headers });
  const [received] = await wire.fake.control.requests();
  expect(received?.headers).toContainEqual(['anthropic-beta', 'prompt-caching-2024-07-31']);
});

test.describe('what reaches state or billing that customers of one upstream account share is refused before anything is held:', () => {
  const content = (block: object) => ({ messages: [{ role: 'user', content: [block] }] });
  const tool = (type: string, more = {}) => ({ tools: [{ type, name: 'x', ...more }] });
  const refused: Record<string, Record<string, unknown>> = {
    ...{ container: { container: 'container_01' }, diagnostics: { diagnostics: { previous_message_id: 'msg_1' } } },
    ...{ skills: { container: { skills: [{ skill_id: 'pptx' }] } }, billing_policy: { billing_policy: {} } },
    ...{ fallbacks: { fallbacks: 'default' }, fallback_credit_token: { fallback_credit_token: 'x' } },
    'a file as an image': content({ type: 'image', source: { type: 'file', file_id: 'file_1' } }),
    'a file within a tool result': content({
      ...{ type: 'tool_result', tool_use_id: 't' },
      content: [{ type: 'document', source: { type: 'file', file_id: 'file_1' } }],
    }),
    'a container upload': content({ type: 'container_upload', file_id: 'file_1' }),
    'an advisor': tool('advisor_20260301', { model: 'claude-opus-4-8' }),
    'code execution on its own': tool('code_execution_20260120'),
  };
  for (const [name, more] of Object.entries(refused)) {
    test(name, async ({ wire, customer }) => {
      const answer = await ask(wire.stack.url, { key: customer.key, body: question({}, more) });
      expect(answer.status).toBe(400);
      expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error' });
      expect(errorOf(answer).message).toContain('not available on SaveRouter');
      expect(await wire.fake.control.requests()).toEqual([]);
    });
  }

  test('but code execution beside a web tool that includes it is served', async ({ wire, customer }) => {
    const tools = [
      { type: 'web_search_20260209', name: 'web_search' },
      { type: 'code_execution_20260120', name: 'code_execution' },
    ];
    expect((await ask(wire.stack.url, { key: customer.key, body: question({}, { tools }) })).status).toBe(200);
  });
});
