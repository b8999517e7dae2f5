import type { Answer } from './answer';
import { deltaOf, type ContentPart } from './content-part';
import type { Fault } from './fault';
import { frame, pingFrame, type Frame } from './frame';
import type { JsonObject } from './json';

/** How many tokens go into one event, in turn: uneven, so that words and JSON are cut in odd places. */
const EVENT_TOKENS = [1, 3, 2, 5, 4];
const FILLER_CHUNK_BYTES = 1024;
const FILLER_CHUNK_TOKENS = 256;

/** The events of an answer, made one by one while they are written. */
export function* answerFrames(answer: Answer, fault: Fault): Generator<Frame> {
  yield* withPings(plainFrames(answer, fault), fault.pings ?? 1);
}

/** An answer's message before anything was said: the payload of `message_start`. */
function openingMessage(answer: Answer, fault: Fault): JsonObject {
  const message: JsonObject = {
    model: answer.servedModel,
    id: answer.messageId,
    type: 'message',
    role: 'assistant',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
  };
  return fault.noUsage === true ? message : { ...message, usage: answer.startUsage };
}

function* plainFrames(answer: Answer, fault: Fault): Generator<Frame> {
  yield frame({ type: 'message_start', message: openingMessage(answer, fault) });
  for (const [index, part] of answer.parts.entries()) yield* partFrames(part, index, fault);
  const delta: JsonObject = { stop_reason: answer.stopReason, stop_sequence: answer.stopSequence };
  if (answer.stopDetails !== null) delta['stop_details'] = answer.stopDetails;
  const event: JsonObject & { type: string } = { type: 'message_delta', delta };
  if (fault.noUsage !== true) event['usage'] = answer.deltaUsage;
  if (answer.contextManagement !== undefined) event['context_management'] = answer.contextManagement;
  yield frame(event);
  yield frame({ type: 'message_stop' });
}

function* partFrames(part: ContentPart, index: number, fault: Fault): Generator<Frame> {
  yield frame({ type: 'content_block_start', index, content_block: part.start }, part.hiddenTokens ?? 0);
  for (const delta of part.opening ?? []) yield frame({ type: 'content_block_delta', index, delta });
  if (part.generated !== undefined) {
    const { field, tokens } = part.generated;
    for (const group of groups(tokens, fault.tokensPerEvent)) {
      yield frame({ type: 'content_block_delta', index, delta: deltaOf(field, group.join('')) }, group.length);
    }
  }
  for (const filler of fillerChunks(part.fillerBytes ?? 0)) {
    yield frame({ type: 'content_block_delta', index, delta: deltaOf('text', filler) }, FILLER_CHUNK_TOKENS);
  }
  for (const delta of part.closing ?? []) yield frame({ type: 'content_block_delta', index, delta });
  yield frame({ type: 'content_block_stop', index });
}

/** Filler text of so many bytes, in pieces, so that an answer of any size costs no memory. */
export function* fillerChunks(bytes: number): Generator<string> {
  const chunk = 'filler. '.repeat(FILLER_CHUNK_BYTES / 8);
  for (let left = bytes; left > 0; left -= FILLER_CHUNK_BYTES) yield chunk.slice(0, left);
}

function* groups(tokens: string[], perEvent: number | undefined): Generator<string[]> {
  for (let from = 0, turn = 0; from < tokens.length; turn += 1) {
    const size = perEvent ?? EVENT_TOKENS[turn % EVENT_TOKENS.length] ?? 1;
    yield tokens.slice(from, from + size);
    from += size;
  }
}

/** One ping after the first block's start, as the real API does it, and further ones after each event that follows. */
function* withPings(frames: Iterable<Frame>, pings: number): Generator<Frame> {
  let left = pings;
  let started = false;
  for (const next of frames) {
    const ends = next.event === 'message_delta';
    for (; ends && left > 0; left -= 1) yield pingFrame();
    yield next;
    started ||= next.event === 'content_block_start';
    if (started && !ends && left > 0) {
      yield pingFrame();
      left -= 1;
    }
  }
}
