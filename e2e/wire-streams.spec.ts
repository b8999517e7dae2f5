import http, { type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@playwright/test';
import type { Fault } from './fakes/anthropic/fault';
import { onlyUsage } from './support/books';
import { ask, call, errorOf, jsonOf } from './support/call';
import { eventually } from './support/eventually';
import { streamed } from './support/question';
import { residentBytes } from './support/resident-bytes';
import { createTestAccount } from './support/test-account';
import { test, type Wire } from './support/wire-test';

const MEBIBYTE = 1024 * 1024;
const HUGE_BYTES = 400 * MEBIBYTE;
/** Buffers of sockets and of Node itself; an answer that piles up is several times this. */
const MEMORY_BOUND_BYTES = 160 * MEBIBYTE;
const SILENT_MS = 40;
const BROKEN_OFF =
  /\n\nevent: error\ndata: (\{"type":"error","error":\{"type":"[a-z_]+","message":"[^"]+"[^\n]*\})\n\n$/;
/** The events of the stand-in's answer to `{"text": "one two"}`, pings included. */
const SHORT: Fault = { text: 'one two', pings: 1 };

/** The frames of a short answer, as the stand-in gives them directly. */
async function framesOf(wire: Wire, fault: Fault): Promise<string[]> {
  const { text } = await ask(wire.fake.url, { key: wire.fake.apiKey, body: streamed(fault) });
  return text.split(/(?<=\n\n)/);
}

test('G-20: each event reaches the client while the upstream waits before the next, nothing else is added', async ({
  wire,
  customer,
}) => {
  const frames = await framesOf(wire, SHORT);
  expect(frames.length).toBeGreaterThan(7);
  for (let events = 1; events < frames.length; events += 1) {
    const expected = frames.slice(0, events).join('');
    await wire.fake.control.queueFault({ stallAfterEvents: events });
    const live = call(wire.stack.url, { key: customer.key, body: streamed(SHORT) });
    await live.until(expected);
    live.leave();
    expect((await live.answer).text).toBe(expected);
  }
});

test('G-20: a stream is neither compressed nor cached on its way', async ({ wire, customer }) => {
  const headers = { 'accept-encoding': 'gzip, deflate, br' };
  const answer = await ask(wire.stack.url, { key: customer.key, body: streamed(), headers });
  expect(answer.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  expect(answer.headers['content-encoding']).toBeUndefined();
  expect(answer.headers['content-length']).toBeUndefined();
});

test('G-22: pings of the upstream pass, and nothing is sent before the upstream has answered', async ({
  wire,
  customer,
}) => {
  const pings = await ask(wire.stack.url, { key: customer.key, body: streamed({ pings: 7 }) });
  expect(eventNames(pings.text).filter((name) => name === 'ping').length).toBeGreaterThanOrEqual(7);
  await wire.fake.control.clearRequests();
  const silent = call(wire.stack.url, { key: customer.key, body: streamed({ delayMs: 1500, status: 400 }) });
  await eventually('the request upstream', async () => (await wire.fake.control.requests())[0]);
  const refused = await silent.answer;
  expect([refused.status, refused.chunks.length]).toEqual([400, 1]);
});

test.describe('G-23: an upstream that dies amid a stream ends in an error event and a broken connection:', () => {
  const deaths: Record<string, (events: number) => Fault> = {
    'its connection breaks': (events) => ({ cutAfterEvents: events }),
    'it ends too early': (events) => ({ truncateAfterEvents: events }),
    'it reports an error': (events) => ({ errorEventAfterEvents: events }),
  };
  for (const [name, death] of Object.entries(deaths)) {
    test(name, async ({ wire }) => {
      const total = (await framesOf(wire, SHORT)).length;
      for (let events = 1; events < total; events += 1) {
        const { key, accountId } = await createTestAccount(wire.stack);
        // The silence lets arrive what was written, which a break at once could take back.
        const fault = { ...SHORT, ...death(events), silenceAfterEvents: events, silentMs: SILENT_MS };
        const answer = await ask(wire.stack.url, { key, body: streamed(fault) });
        expect(answer.status).toBe(200);
        expect(answer.ended).toBe('broken');
        const names = eventNames(answer.text);
        expect(names.filter((event) => event === 'message_start')).toHaveLength(1);
        expect(names.filter((event) => event === 'error')).toHaveLength(1);
        expect(names).not.toContain('message_stop');
        const error = JSON.parse(BROKEN_OFF.exec(answer.text)?.[1] ?? 'null') as Record<string, unknown> | null;
        expect(error?.['request_id']).toBe(answer.headers['request-id']);
        expect(await onlyUsage(wire.stack, accountId)).toMatchObject({
          ending: 'upstream_failed',
          amountNano: 0n,
        });
      }
    });
  }
});

test('G-23: a stream that breaks before its first event is an HTTP error, never an empty 200', async ({
  wire,
  customer,
}) => {
  for (const fault of [{ cutAfterEvents: 0 }, { truncateAfterEvents: 0 }, { dropConnection: true as const }]) {
    const answer = await ask(wire.stack.url, { key: customer.key, body: streamed(fault) });
    expect(answer.status, JSON.stringify(fault)).toBe(502);
    expect(errorOf(answer)).toMatchObject({ type: 'api_error' });
    expect(jsonOf(answer)['request_id']).toBe(answer.headers['request-id']);
  }
});

test('G-24: an error of the upstream is an HTTP status with JSON for a streaming request too', async ({
  wire,
  customer,
}) => {
  const statuses = {
    400: 400,
    404: 404,
    413: 413,
    422: 422,
    500: 500,
    503: 503,
    504: 504,
    529: 529,
    401: 500,
    403: 500,
  };
  for (const [status, told] of Object.entries(statuses)) {
    // A short wait that is above what the gateway waits by itself, so that it does not try again.
    const body = streamed({ status: Number(status), retryAfter: 5 });
    const answer = await ask(wire.stack.url, { key: customer.key, body });
    expect([status, answer.status]).toEqual([status, told]);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(jsonOf(answer)['type']).toBe('error');
  }
});

test('G-25: a stream that held an error event is written down as failed and costs nothing', async ({
  wire,
  customer,
}) => {
  const fault: Fault = { outputTokens: 200, errorEventAfterEvents: 20, errorType: 'overloaded_error' };
  const answer = await ask(wire.stack.url, { key: customer.key, body: streamed(fault) });
  expect(answer.text).toContain('"type":"overloaded_error"');
  const row = await onlyUsage(wire.stack, customer.accountId);
  expect(row).toMatchObject({ ending: 'upstream_failed', settledFrom: 'none', amountNano: 0n });
  expect(row.forgivenNano).toBeGreaterThan(0n);
});

test('G-26: a stream has the events of the upstream and no others: one start, no delta put in', async ({
  wire,
  customer,
}) => {
  for (const fault of [
    SHORT,
    { scenario: 'several_message_deltas' },
    { scenario: 'no_blocks' },
    { omitDeltaUsage: ['input_tokens'] },
  ]) {
    const direct = await ask(wire.fake.url, { key: wire.fake.apiKey, body: streamed(fault) });
    const through = await ask(wire.stack.url, { key: customer.key, body: streamed(fault) });
    expect(through.text).toBe(direct.text);
    expect(eventNames(through.text).filter((name) => name === 'message_start')).toHaveLength(1);
  }
});

test.describe('G-28: a slow client does not make memory grow:', () => {
  test('while it takes nothing, the upstream is held back', async ({ wire, customer }) => {
    const before = residentBytes(wire.stack.webPid());
    const { response, leave } = await openHuge(wire, customer.key);
    response.pause();
    const stalled = await eventually('the upstream to be held back', async () => {
      const first = residentBytes(wire.stack.webPid());
      await sleep(400);
      return residentBytes(wire.stack.webPid()) - first < MEBIBYTE ? true : undefined;
    });
    expect(stalled).toBe(true);
    expect((await wire.fake.control.connections()).openStreams).toBe(1);
    expect(residentBytes(wire.stack.webPid()) - before).toBeLessThan(MEMORY_BOUND_BYTES);
    leave();
    await eventually('the upstream to be cancelled', async () =>
      (await wire.fake.control.connections()).openStreams === 0 ? true : undefined,
    );
    expect(await onlyUsage(wire.stack, customer.accountId)).toMatchObject({ ending: 'client_left' });
  });

  test('and a huge answer streams through whole, in constant memory', async ({ wire, customer }) => {
    const before = residentBytes(wire.stack.webPid());
    const { response } = await openHuge(wire, customer.key);
    let bytes = 0;
    let peak = 0;
    for await (const chunk of response) {
      const grown =
        Math.floor(bytes / (20 * MEBIBYTE)) < Math.floor((bytes + (chunk as Buffer).length) / (20 * MEBIBYTE));
      bytes += (chunk as Buffer).length;
      if (grown) peak = Math.max(peak, residentBytes(wire.stack.webPid()));
    }
    expect(bytes).toBeGreaterThan(HUGE_BYTES);
    expect(peak - before).toBeLessThan(MEMORY_BOUND_BYTES);
    expect(await onlyUsage(wire.stack, customer.accountId)).toMatchObject({ ending: 'finished' });
  });
});

async function openHuge(wire: Wire, key: string): Promise<{ response: IncomingMessage; leave: () => void }> {
  const body = JSON.stringify(streamed({ hugeBytes: HUGE_BYTES }, { max_tokens: 64_000 }));
  const headers = { 'x-api-key': key, 'content-type': 'application/json' };
  const request = http.request(wire.stack.url, { method: 'POST', path: '/v1/messages', agent: false, headers });
  request.on('error', () => undefined);
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  return { response, leave: () => request.destroy() };
}

function eventNames(text: string): string[] {
  return [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name ?? '');
}
