import net from 'node:net';
import { once } from 'node:events';
import { expect } from '@playwright/test';
import { generateApiKey } from '@/lib/domain/api-key';
import { usageOf } from './support/books';
import { ask, errorOf, type CallOptions } from './support/call';
import { question } from './support/question';
import { test } from './support/wire-test';

const NEWEST = { 'anthropic-version': '2026-10-21' };
const OLDER = { 'anthropic-version': '2023-06-01' };
const FOREIGN_KEY = 'sk-ant-api03-left-over-in-an-environment';
const FOREIGN_TOKEN = 'sk-ant-oat01-of-another-program';
const MODEL = 'claude-haiku-4-5';

const ROUTES: Record<string, CallOptions> = {
  'POST /v1/messages': { path: '/v1/messages', body: question() },
  'POST /v1/messages/count_tokens': {
    path: '/v1/messages/count_tokens',
    body: { model: MODEL, messages: [{ role: 'user', content: 'Hi' }] },
  },
  'GET /v1/models': { method: 'GET', path: '/v1/models' },
  'GET /v1/models/{id}': { method: 'GET', path: `/v1/models/${MODEL}` },
};

interface Case {
  name: string;
  headers: (key: string) => Record<string, string>;
  status: number;
  type?: string;
  says?: RegExp;
}

const bearer = (token: string) => `Bearer ${token}`;
const MISSING = { status: 401, type: 'authentication_error', says: /x-api-key header is required/ };
const INVALID = { status: 401, type: 'authentication_error', says: /^invalid x-api-key/ };
const FORBIDDEN = { status: 403, type: 'permission_error', says: /x-api-key header/ };
const BOTH_CURES = /x-api-key header.*anthropic-version 2026-10-21/;

const CASES: Case[] = [
  { name: 'a key in x-api-key', headers: (key) => ({ 'x-api-key': key }), status: 200 },
  { name: 'with spaces around it', headers: (key) => ({ 'x-api-key': `  ${key} ` }), status: 200 },
  { name: 'Bearer, newest version', headers: (key) => ({ ...NEWEST, authorization: bearer(key) }), status: 200 },
  { name: 'bearer in lower case', headers: (key) => ({ ...NEWEST, authorization: `bearer ${key}` }), status: 200 },
  {
    name: 'the same key in both',
    headers: (key) => ({ ...OLDER, 'x-api-key': key, authorization: bearer(key) }),
    status: 200,
  },
  {
    name: 'a foreign Bearer beside a good x-api-key',
    headers: (key) => ({ 'x-api-key': key, authorization: bearer(FOREIGN_TOKEN) }),
    status: 200,
  },
  {
    name: 'a left-over foreign x-api-key beside a good Bearer',
    headers: (key) => ({ ...NEWEST, 'x-api-key': FOREIGN_KEY, authorization: bearer(key) }),
    status: 200,
  },
  {
    name: 'an empty x-api-key beside a good Bearer',
    headers: (key) => ({ ...NEWEST, 'x-api-key': '', authorization: bearer(key) }),
    status: 200,
  },
  {
    name: 'Bearer, older version',
    headers: (key) => ({ ...OLDER, authorization: bearer(key) }),
    ...FORBIDDEN,
    says: BOTH_CURES,
  },
  { name: 'Bearer, no version', headers: (key) => ({ authorization: bearer(key) }), ...FORBIDDEN, says: BOTH_CURES },
  { name: 'a foreign Bearer', headers: () => ({ ...NEWEST, authorization: bearer(FOREIGN_TOKEN) }), ...FORBIDDEN },
  { name: 'nothing', headers: () => ({}), ...MISSING },
  { name: 'an empty x-api-key', headers: () => ({ 'x-api-key': '' }), ...MISSING },
  { name: 'Bearer and no token', headers: () => ({ ...NEWEST, authorization: 'Bearer' }), ...MISSING },
  {
    name: 'Bearer and a space',
    headers: () => ({ ...NEWEST, 'x-api-key': ' ', authorization: 'Bearer ' }),
    ...MISSING,
  },
  {
    name: 'Bearer twice',
    headers: (key) => ({ ...NEWEST, authorization: `Bearer Bearer ${key}` }),
    ...INVALID,
  },
  { name: 'a cut key', headers: (key) => ({ 'x-api-key': key.slice(0, -1) }), ...INVALID },
  { name: 'a mistyped key', headers: (key) => ({ 'x-api-key': `${key.slice(0, -1)}!` }), ...INVALID },
  { name: 'a key that never was', headers: () => ({ 'x-api-key': generateApiKey() }), ...INVALID },
  { name: 'a foreign key', headers: () => ({ 'x-api-key': FOREIGN_KEY }), ...INVALID },
];

test.describe('G-01: credentials are read in the same way on every route:', () => {
  for (const { name, headers, status, type, says } of CASES) {
    test(`${name} gives ${String(status)}`, async ({ wire, customer }) => {
      for (const [route, options] of Object.entries(ROUTES)) {
        const answer = await ask(wire.stack.url, { ...options, headers: headers(customer.key) });
        expect(answer.status, `${route}: ${answer.text}`).toBe(status);
        if (status === 200) continue;
        expect(errorOf(answer)).toMatchObject({ type, message: expect.stringMatching(says ?? /./) });
        expect(answer.headers['x-should-retry']).toBe('false');
        expect(answer.headers['retry-after']).toBeUndefined();
      }
    });
  }
});

test('G-02: no credential of a client reaches the upstream, the log or an answer', async ({ wire, customer }) => {
  const secrets = [customer.key, FOREIGN_KEY, FOREIGN_TOKEN];
  const sent = [
    { 'x-api-key': customer.key, authorization: bearer(FOREIGN_TOKEN) },
    { ...NEWEST, 'x-api-key': FOREIGN_KEY, authorization: bearer(customer.key), 'proxy-authorization': 'Basic eDp5' },
    { ...OLDER, authorization: bearer(customer.key) },
    { 'x-api-key': FOREIGN_KEY },
    { authorization: bearer(FOREIGN_TOKEN) },
  ];
  const answers = await Promise.all(
    sent.flatMap((headers) => [
      ask(wire.stack.url, { body: question(), headers }),
      ask(wire.stack.url, { body: question({ status: 400 }), headers }),
    ]),
  );
  const received = await wire.fake.control.requests();
  expect(received).toHaveLength(4);
  const upstreamKeys = received.flatMap(({ headers }) => headers.filter(([name]) => name === 'x-api-key'));
  expect(upstreamKeys).toEqual(received.map(() => ['x-api-key', wire.fake.apiKey]));
  const everything = [
    JSON.stringify(received.map(({ headers, path }) => [headers, path])),
    ...answers.map(({ text, headers }) => text + JSON.stringify(headers)),
    wire.stack.output(),
  ].join('\n');
  for (const secret of secrets) expect(everything).not.toContain(secret);
});

test('G-09: nothing but the metered routes reaches the upstream, and all that reaches it has a usage row', async ({
  wire,
  customer,
}) => {
  const around = [
    ...['/v1/complete', '/v1/messages/batches', '/v1/files', '/v1/messages/x/../batches', '/v1/messages%2fbatches'],
    ...['/v1/messages/count_tokens/..', '/v1/%6dessages/batches', '/v1//messages/batches', '/v1/messages;x=1'],
  ];
  for (const path of around) await ask(wire.stack.url, { path, key: customer.key, body: question() });
  for (const path of ['/v1/messages', '/messages', '/v1/v1/messages', '/v1/messages?beta=true', '/v1/%6dessages']) {
    await ask(wire.stack.url, { path, key: customer.key, body: question() });
  }
  const messages = (await wire.fake.control.requests()).map(({ path }) => path.replace('?beta=true', ''));
  const rows = await usageOf(wire.stack, customer.accountId);
  expect(messages.length).toBeGreaterThanOrEqual(4);
  expect(new Set(messages)).toEqual(new Set(['/v1/messages']));
  expect(rows).toHaveLength(messages.length);
});

test('a bad key is refused before a body of 30 MB is sent', async ({ wire }) => {
  const { hostname, port } = new URL(wire.stack.url);
  const socket = net.connect({ host: hostname, port: Number(port) });
  socket.write(
    `POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: ${generateApiKey()}\r\ncontent-type: application/json\r\ncontent-length: 30000000\r\n\r\n{"model"`,
  );
  const [head] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  expect(head.toString()).toMatch(/^HTTP\/1\.1 401 /);
});
