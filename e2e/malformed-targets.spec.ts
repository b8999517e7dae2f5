import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from '@playwright/test';
import { readAnswers, type RawAnswer } from './support/malformed-answers';
import { question } from './support/question';
import { sharedStack } from './support/shared-stack';
import { createTestAccount } from './support/test-account';

const BODY = JSON.stringify(question());

/** One request as it is written here, and its answers. */
async function send(method: string, target: string, headers: string[], body = ''): Promise<RawAnswer[]> {
  const socket = net.connect(Number(new URL(sharedStack().url).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  const length = body === '' ? [] : [`content-length: ${String(Buffer.byteLength(body))}`];
  const head = [`${method} ${target} HTTP/1.1`, 'host: 127.0.0.1', ...headers, ...length];
  if (!headers.some((line) => line.startsWith('connection:'))) head.push('connection: close');
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  await once(socket, 'close');
  return readAnswers(Buffer.concat(chunks), method);
}

/** A server that nobody is meant to reach through ours. */
async function startTrap(): Promise<{ host: string; visits: () => number; stop: () => void }> {
  let visits = 0;
  const trap = http.createServer((_, response) => response.end('trapped'));
  trap.on('connection', () => (visits += 1));
  await once(trap.listen(0, '127.0.0.1'), 'listening');
  const host = `127.0.0.1:${String((trap.address() as AddressInfo).port)}`;
  return { host, visits: () => visits, stop: () => trap.close() };
}

test('a whole URL as the target is served here: its host is never visited and never redirected to', async () => {
  const { key } = await createTestAccount(sharedStack());
  const trap = await startTrap();
  try {
    const [models] = await send('GET', `http://${trap.host}/v1/models`, [`x-api-key: ${key}`]);
    expect(models?.status).toBe(200);
    expect(models?.body.toString()).toContain('"claude-haiku-4-5"');
    const [message] = await send('POST', `HTTP://user@${trap.host}/messages`, [`x-api-key: ${key}`], BODY);
    expect(message?.status).toBe(200);
    for (const path of ['', '/', '/api/health', '/not-there', '/_next/image?url=%2F&w=64&q=75']) {
      for (const more of [[], ['connection: close, upgrade', 'upgrade: websocket'], ['rsc: 1'], ['next-action: x']]) {
        const [answer] = await send('GET', `http://${trap.host}${path}`, more);
        expect(answer?.status).toBeLessThan(500);
        expect(answer?.headers.get('location') ?? '/').toMatch(/^\/(?!\/)/);
        expect(answer?.body.toString()).not.toContain('trapped');
      }
    }
    expect(trap.visits()).toBe(0);
  } finally {
    trap.stop();
  }
});

test('a client that offers an upgrade is answered as if it had not, also once a page was served', async () => {
  const { key } = await createTestAccount(sharedStack());
  const [page] = await send('GET', '/', []);
  expect(page?.status).toBe(200);
  // What Java's HTTP client sends with its first request to a server that it does not know.
  const offer = [
    'connection: Upgrade, HTTP2-Settings, close',
    'upgrade: h2c',
    'http2-settings: AAMAAABkAARAAAAAAAIAAAAA',
  ];
  const [message] = await send('POST', '/v1/messages', [`x-api-key: ${key}`, ...offer], BODY);
  expect(message?.status).toBe(200);
  expect(JSON.parse(message?.body.toString() ?? '')).toMatchObject({ type: 'message', stop_reason: 'end_turn' });
  const [socket] = await send('GET', '/', [
    'connection: Upgrade, close',
    'upgrade: websocket',
    'sec-websocket-key: eA==',
  ]);
  expect(socket?.status).toBe(200);
});

test('targets without a path get 400, and methods that no page knows 405', async () => {
  for (const method of ['GET', 'OPTIONS', 'TRACE', 'HEAD']) {
    const [answer] = await send(method, '*', []);
    expect(answer?.status).toBe(400);
  }
  for (const path of ['/', '/api/health', '/not-there']) {
    const [answer] = await send('TRACE', path, []);
    expect([answer?.status, answer?.headers.get('allow')]).toEqual([
      405,
      'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    ]);
  }
  const [api] = await send('TRACE', '/v1/messages', []);
  expect([api?.status, api?.headers.get('allow'), api?.headers.get('content-type')]).toEqual([405, 'POST', 'application/json']); // prettier-ignore
});

test('a thread whose id no database can hold is refused, not failed on', async () => {
  const { key } = await createTestAccount(sharedStack());
  for (const id of ['\u0000', 'msg_\u0000', '\ud800', 'é', ' ', 'a b']) {
    const body = JSON.stringify(question({}, { thread: { type: 'continue', previous_message_id: id } }));
    for (const path of ['/v1/messages', '/v1/messages/count_tokens']) {
      const [answer] = await send('POST', path, [`x-api-key: ${key}`], body);
      expect([answer?.status, answer?.body.toString()]).toEqual([
        400,
        expect.stringContaining('thread: Input should be'),
      ]);
    }
  }
});
