import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect } from '@playwright/test';
import type { Fault } from './fakes/anthropic/fault';
import { SCENARIO_NAMES } from './fakes/anthropic/scenarios/scenarios';
import { settledUsage } from './support/books';
import { ask, type Answer } from './support/call';
import { question, streamed, type Question } from './support/question';
import type { TestAccount } from './support/test-account';
import { test, type Wire } from './support/wire-test';

const CONCURRENCY = 24;
/** More would not fit into the stand-in's queue of faults. */
const BATCH = 500;

const EVENTS =
  'message_start content_block_start content_block_delta content_block_stop message_delta message_stop ping error';
const DELTAS = 'text_delta input_json_delta citations_delta thinking_delta signature_delta compaction_delta';
const BLOCKS = `text thinking redacted_thinking tool_use server_tool_use web_search_tool_result web_fetch_tool_result
  code_execution_tool_result bash_code_execution_tool_result text_editor_code_execution_tool_result
  tool_search_tool_result container_upload mcp_tool_use mcp_tool_result mcp_tool_listing advisor_tool_result
  compaction fallback`;
const STOP_REASONS = `end_turn max_tokens stop_sequence tool_use pause_turn refusal model_context_window_exceeded
  compaction`;

/** One of each kind of trouble: multi-byte characters, text that looks like frames, spacing, JSON in pieces, usage. */
const DELICATE = [
  ...['text_non_ascii', 'text_emoji', 'text_escapes', 'text_looks_like_sse', 'odd_json_spacing', 'thinking_tool_use'],
  ...['tool_use_eager_partial', 'tool_use_lone_surrogate', 'several_message_deltas', 'compaction', 'future_event'],
];

test('every event, delta, block and stop reason of the protocol comes through the gateway', async ({
  wire,
  customer,
}) => {
  const events: Record<string, unknown>[] = [];
  for (const scenario of SCENARIO_NAMES) {
    const { text } = await ask(wire.stack.url, { key: customer.key, body: streamed({ scenario }) });
    for (const line of text.split('\n')) {
      if (line.startsWith('data:')) events.push(JSON.parse(line.slice(5)) as Record<string, unknown>);
    }
  }
  const seen = (pick: (event: Record<string, unknown>) => unknown): unknown[] => [...new Set(events.map(pick))];
  expect(seen((event) => event['type'])).toEqual(expect.arrayContaining(EVENTS.split(' ')));
  expect(seen((event) => fieldOf(event['delta'], 'type'))).toEqual(expect.arrayContaining(DELTAS.split(' ')));
  expect(seen((event) => fieldOf(event['content_block'], 'type'))).toEqual(expect.arrayContaining(BLOCKS.split(/\s+/)));
  expect(seen((event) => fieldOf(event['delta'], 'stop_reason'))).toEqual(
    expect.arrayContaining(STOP_REASONS.split(/\s+/)),
  );
});

test.describe('G-21: split at every byte offset, an answer arrives the same and is charged the same:', () => {
  const splits: [string, Question, Fault][] = [
    ['a stream with characters of several bytes', streamed({ text: 'é🙂' }), {}],
    ['a stream with CRLF line ends', streamed({ scenario: 'text_one_delta' }), { crlf: true }],
    ['a JSON answer', question({ scenario: 'text_non_ascii' }), {}],
  ];
  for (const [name, body, fault] of splits) {
    test(name, async ({ wire, customer }) => {
      const reference = await referenceOf(wire, body, fault);
      const offsets = Array.from({ length: reference.bytes.length - 1 }, (_, index) => index + 1);
      for (let from = 0; from < offsets.length; from += BATCH) {
        const faults = offsets.slice(from, from + BATCH).map((splitAt) => ({ ...fault, splitAt }));
        for (const split of faults) await wire.fake.control.queueFault(split);
        await inParallel(faults, async () => {
          const answer = await ask(wire.stack.url, { key: customer.key, body });
          expect(answer.text).toBe(reference.text);
          expect(answer.ended).toBe('clean');
        });
      }
      expect(await chargesOf(wire, customer, offsets.length)).toHaveLength(1);
    });
  }
});

test.describe('G-21: in pieces of one byte, with CRLF or compressed unasked, it arrives the same and is charged the same:', () => {
  const passages: [string, Fault][] = [
    ['one byte at a time', { chunkBytes: 1 }],
    ['seven bytes at a time', { chunkBytes: 7 }],
    ['CRLF', { crlf: true }],
    ['CRLF, three bytes at a time', { crlf: true, chunkBytes: 3 }],
    ['gzip', { gzip: true }],
    ['gzip, five bytes at a time', { gzip: true, chunkBytes: 5 }],
    ['brotli', { gzip: 'br' }],
  ];
  for (const [name, fault] of passages) {
    test(name, async ({ wire, customer }) => {
      for (const scenario of DELICATE) {
        for (const body of [streamed({ scenario }), question({ scenario })]) {
          const reference = await referenceOf(wire, body, fault);
          const plain = await ask(wire.stack.url, { key: customer.key, body });
          await wire.fake.control.queueFault(fault);
          const answer = await ask(wire.stack.url, { key: customer.key, body });
          expect(answer.text).toBe(reference.text);
          expect(answer.ended).toBe('clean');
          expect(plain.status).toBe(200);
        }
      }
      const rows = await settledUsage(wire.stack, customer.accountId, DELICATE.length * 4);
      const charges = rows.map((row) => row.amountNano);
      expect(rows.map((row) => row.ending)).toEqual(rows.map(() => 'finished'));
      expect(charges.filter((_, index) => index % 2 === 1)).toEqual(charges.filter((_, index) => index % 2 === 0));
    });
  }
});

/** What the stand-in answers when asked directly, unpacked. */
async function referenceOf(wire: Wire, body: Question, fault: Fault): Promise<Answer> {
  await wire.fake.control.queueFault(fault);
  const answer = await ask(wire.fake.url, { key: `${wire.fake.apiKey}-direct`, body });
  const bytes = unpacked(answer);
  return { ...answer, bytes, text: bytes.toString('utf8') };
}

function unpacked({ bytes, headers }: Answer): Buffer {
  if (headers['content-encoding'] === 'gzip') return gunzipSync(bytes);
  return headers['content-encoding'] === 'br' ? brotliDecompressSync(bytes) : bytes;
}

/** The different amounts that an account's requests were charged, once all of them are settled as finished. */
async function chargesOf(wire: Wire, customer: TestAccount, requests: number): Promise<bigint[]> {
  const rows = await settledUsage(wire.stack, customer.accountId, requests);
  expect(rows).toHaveLength(requests);
  expect(new Set(rows.map((row) => row.ending))).toEqual(new Set(['finished']));
  return [...new Set(rows.map((row) => row.amountNano))];
}

async function inParallel<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined;
}
