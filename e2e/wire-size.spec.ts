import http from 'node:http';
import { once } from 'node:events';
import { expect } from '@playwright/test';
import { ask, errorOf } from './support/call';
import { residentBytes } from './support/resident-bytes';
import { test } from './support/wire-test';

const MEBIBYTE = 1024 * 1024;
const LIMIT_BYTES = 32 * MEBIBYTE;
/** Several bodies at once and what Node keeps beside them. */
const MEMORY_BOUND_BYTES = 700 * MEBIBYTE;

/** A request of exactly this size: one image in base64. */
function bodyOf(bytes: number): Buffer {
  const head =
    '{"model":"claude-opus-4-8","max_tokens":5,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"';
  const tail = '"}}]}]}';
  return Buffer.from(head + 'A'.repeat(bytes - head.length - tail.length) + tail);
}

test('G-13: 32 MB are taken, and one byte more gets 413 in the shape of the API', async ({ wire, customer }) => {
  const { key } = customer;
  const taken = await ask(wire.stack.url, { key, body: bodyOf(LIMIT_BYTES) });
  expect(taken.status, taken.text.slice(0, 300)).toBe(200);
  expect((await wire.fake.control.requests())[0]?.bodyBytes).toBe(LIMIT_BYTES);
  // Node closes a connection that is not to be kept while its client still sends, which can swallow the answer.
  const headers = { connection: 'keep-alive' };
  const refused = await ask(wire.stack.url, { key, headers, body: bodyOf(LIMIT_BYTES + 1) });
  expect(refused.status).toBe(413);
  expect(errorOf(refused)).toMatchObject({ type: 'request_too_large' });
  expect(errorOf(refused).message).toContain('32 MB');
  expect(await wire.fake.control.requests()).toHaveLength(1);
});

test('G-13: a body that does not say its size is cut off at 32 MB, while it is read', async ({ wire, customer }) => {
  const rssBefore = residentBytes(wire.stack.webPid());
  const statuses = await Promise.all([1, 2, 3, 4].map(() => sendUntilAnswered(wire.stack.url, customer.key)));
  for (const { status, sentBytes } of statuses) {
    expect(status).toBe(413);
    expect(sentBytes).toBeLessThan(64 * MEBIBYTE);
  }
  expect(residentBytes(wire.stack.webPid()) - rssBefore).toBeLessThan(MEMORY_BOUND_BYTES);
  expect(await wire.fake.control.requests()).toEqual([]);
});

test('a compressed body is refused with a code that says so, before it is unpacked', async ({ wire, customer }) => {
  for (const encoding of ['gzip', 'br', 'deflate', 'zstd', 'gzip, identity']) {
    const headers = { 'content-encoding': encoding };
    const answer = await ask(wire.stack.url, { key: customer.key, body: Buffer.from([0x1f, 0x8b, 8]), headers });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({
      type: 'invalid_request_error',
      details: { error_code: 'request_body_encoding_unsupported' },
    });
  }
});

/** Sends without a length, and never stops by itself, until there is an answer. */
async function sendUntilAnswered(url: string, key: string): Promise<{ status: number; sentBytes: number }> {
  const headers = { 'x-api-key': key, 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
  const request = http.request(url, { method: 'POST', path: '/v1/messages', agent: false, headers });
  const piece = Buffer.alloc(MEBIBYTE, ' ');
  let sentBytes = 0;
  let status = 0;
  request.on('error', () => undefined);
  const answered = once(request, 'response').then(([response]) => {
    status = (response as http.IncomingMessage).statusCode ?? 0;
  });
  while (status === 0 && sentBytes < 4 * LIMIT_BYTES) {
    sentBytes += piece.length;
    if (!request.write(piece)) await Promise.race([once(request, 'drain'), answered]);
  }
  await answered;
  request.destroy();
  return { status, sentBytes };
}
