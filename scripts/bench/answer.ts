/** What the lean upstream answers. Clients, the stub and the audit read it from here, so that none can be wrong alone. */

export const MODEL = 'claude-haiku-4-5';
/** The usage of every answer; at haiku's 1.00 and 5.00 dollars per million it costs what CHARGE_NANO says. */
const INPUT_TOKENS = 20;
const OUTPUT_TOKENS = 200;
export const CHARGE_NANO = 20n * 1_000n + 200n * 5_000n;

const JSON_ANSWER_BYTES = 1024;
const FLAT_OUT_EVENTS = 200;
/** The events of a stream that are no deltas: message_start, block start and stop, message_delta, message_stop. */
const FRAMING_EVENTS = 5;

/** What a client asks for, as the text of its message. */
export type Prompt = 'json' | 'flat-out' | 'paced' | 'held';

export const PACED_DELTAS = 60;
export const PACED_INTERVAL_MS = 25;
/** A held stream says something at this pace until it is released. */
export const HELD_INTERVAL_MS = 500;

/** The request that asks for it. */
export function requestBody(prompt: Prompt): Buffer {
  const messages = [{ role: 'user', content: prompt }];
  return Buffer.from(JSON.stringify({ model: MODEL, max_tokens: 1024, stream: prompt !== 'json', messages }));
}

export const jsonAnswer = makeJsonAnswer();

/** Every event of the stream that is sent flat out. */
export const flatOutEvents: readonly Buffer[] = [
  ...openingEvents(),
  ...Array.from({ length: FLAT_OUT_EVENTS - FRAMING_EVENTS }, (_, index) =>
    delta(`word ${String(index)} of an answer `),
  ),
  ...closingEvents(),
];

/** The body's length where it is always the same, else undefined. */
export function answerBytes(prompt: Prompt): number | undefined {
  if (prompt === 'json') return jsonAnswer.length;
  if (prompt === 'flat-out') return flatOutEvents.reduce((bytes, event) => bytes + event.length, 0);
  return undefined;
}

export function openingEvents(): Buffer[] {
  const usage = { input_tokens: INPUT_TOKENS, output_tokens: 1 };
  return [
    event({ type: 'message_start', message: { ...message(), content: [], stop_reason: null, usage } }),
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  ];
}

/** The end of a stream; `stamp` is carried in its very last event. */
export function closingEvents(stamp?: string): Buffer[] {
  const end = { stop_reason: 'end_turn', stop_sequence: null };
  return [
    event({ type: 'content_block_stop', index: 0 }),
    event({ type: 'message_delta', delta: end, usage: { output_tokens: OUTPUT_TOKENS } }),
    event({ type: 'message_stop', stamp }),
  ];
}

export function delta(text: string): Buffer {
  return event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });
}

const STAMP = /@(\d+)@/g;

/** The monotonic clock of this machine, which all its processes share, as a mark that an event can carry. */
export function stampNow(): string {
  return `@${String(process.hrtime.bigint())}@`;
}

/** When the events in a piece of a stream were written, in nanoseconds of the monotonic clock. */
export function stampsIn(text: string): bigint[] {
  return [...text.matchAll(STAMP)].map((match) => BigInt(match[1] ?? '0'));
}

function event(payload: { type: string } & Record<string, unknown>): Buffer {
  return Buffer.from(`event: ${payload.type}\ndata: ${JSON.stringify(payload)}\n\n`);
}

function makeJsonAnswer(): Buffer {
  const usage = { input_tokens: INPUT_TOKENS, output_tokens: OUTPUT_TOKENS };
  const withText = (text: string) =>
    Buffer.from(JSON.stringify({ ...message(), content: [{ type: 'text', text }], stop_reason: 'end_turn', usage }));
  return withText('x'.repeat(JSON_ANSWER_BYTES - withText('').length));
}

function message() {
  return { id: 'msg_01TheBenchAnswersAlike', type: 'message', role: 'assistant', model: MODEL, stop_sequence: null };
}
