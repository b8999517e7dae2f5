import { answerFrames, fillerChunks } from './answer-frames';
import type { Answer } from './answer';
import { invalidRequest } from './api-error';
import { assemble } from './assemble';
import type { Fault } from './fault';
import type { Frame } from './frame';
import { seededIds } from './ids';
import { isObject, type Json, type JsonObject } from './json';
import type { Model } from './models';
import { findScenario } from './scenarios/scenarios';
import { mergeUsage } from './usage';

/** An answer ready to be written, as events or as one JSON text, with what it will be billed by. */
export interface Reply {
  messageId: string;
  servedModel: string;
  stopReason: string | null;
  startUsage: JsonObject;
  finalUsage: JsonObject;
  frames(): Iterable<Frame>;
  /** The JSON answer in pieces, so that a huge one costs no memory. */
  json(): Iterable<string>;
  content(): Json;
}

export function answerReply(answer: Answer, fault: Fault): Reply {
  const fillerBytes = answer.parts.reduce((sum, part) => sum + (part.fillerBytes ?? 0), 0);
  const compact = { ...answer, parts: answer.parts.map((part) => ({ ...part, fillerBytes: 0 })) };
  const message = () => assemble(answerFrames(compact, { ...fault, pings: 0 }));
  return {
    messageId: answer.messageId,
    servedModel: answer.servedModel,
    stopReason: answer.stopReason,
    startUsage: answer.startUsage,
    finalUsage: answer.finalUsage,
    frames: () => answerFrames(answer, fault),
    json: () => withFiller(JSON.stringify(message()), fillerBytes),
    content: () => message()['content'] ?? [],
  };
}

/** A canned conversation by its name. Throws 400 for a name that does not exist. */
export function scenarioReply(name: string, model: Model, seed: string): Reply {
  const scenario = findScenario(name);
  if (scenario === undefined) throw invalidRequest(`stand-in: no scenario is called ${name}`);
  const context = () => {
    const ids = seededIds(seed);
    return { messageId: ids('msg_'), model: model.id, ids };
  };
  const { messageId } = context();
  const frames = scenario.frames(context());
  const message = assemble(frames);
  const { start, final } = usagesOf(frames);
  return {
    messageId,
    servedModel: typeof message['model'] === 'string' ? message['model'] : model.id,
    stopReason: typeof message['stop_reason'] === 'string' ? message['stop_reason'] : null,
    startUsage: start,
    finalUsage: final,
    frames: () => frames,
    json: () => [scenario.json?.(context()) ?? JSON.stringify(message)],
    content: () => message['content'] ?? [],
  };
}

/** The empty text of a compact message filled up. */
function* withFiller(json: string, fillerBytes: number): Generator<string> {
  const gap = '"text":""';
  const at = fillerBytes > 0 ? json.indexOf(gap) : -1;
  if (at < 0) {
    yield json;
    return;
  }
  const middle = at + gap.length - 1;
  yield json.slice(0, middle);
  yield* fillerChunks(fillerBytes);
  yield json.slice(middle);
}

function usagesOf(frames: Frame[]): { start: JsonObject; final: JsonObject } {
  const events = frames.map((frame) => JSON.parse(frame.data) as Json).filter(isObject);
  const opening = events.find((event) => event['type'] === 'message_start')?.['message'];
  const start = isObject(opening) && isObject(opening['usage']) ? opening['usage'] : {};
  const final = events
    .filter((event) => event['type'] === 'message_delta')
    .reduce((usage, event) => (isObject(event['usage']) ? mergeUsage(usage, event['usage']) : usage), start);
  return { start, final };
}
