import type { Frame } from './frame';
import { isObject, textOf, type Json, type JsonObject } from './json';
import { mergeUsage } from './usage';

interface Assembly {
  message: JsonObject;
  blocks: JsonObject[];
  partialInputs: Map<number, string>;
}

/** The message that a stream's events add up to: what the same request is answered without `stream`. */
export function assemble(frames: Iterable<Frame>): JsonObject {
  const assembly: Assembly = { message: {}, blocks: [], partialInputs: new Map() };
  for (const { data } of frames) {
    const event = JSON.parse(data) as Json;
    if (isObject(event)) apply(assembly, event);
  }
  return { ...assembly.message, content: assembly.blocks };
}

function apply(assembly: Assembly, event: JsonObject): void {
  const index = typeof event['index'] === 'number' ? event['index'] : -1;
  switch (event['type']) {
    case 'message_start':
      assembly.message = isObject(event['message']) ? { ...event['message'] } : {};
      break;
    case 'content_block_start':
      assembly.blocks[index] = isObject(event['content_block']) ? { ...event['content_block'] } : {};
      break;
    case 'content_block_delta':
      if (isObject(event['delta'])) applyDelta(assembly, index, event['delta']);
      break;
    case 'content_block_stop':
      closeBlock(assembly, index);
      break;
    case 'message_delta':
      applyMessageDelta(assembly.message, event);
      break;
    default:
  }
}

function applyDelta(assembly: Assembly, index: number, delta: JsonObject): void {
  const block = assembly.blocks[index];
  if (block === undefined) return;
  switch (delta['type']) {
    case 'text_delta':
      block['text'] = textOf(block['text']) + textOf(delta['text']);
      break;
    case 'thinking_delta':
      block['thinking'] = textOf(block['thinking']) + textOf(delta['thinking']);
      break;
    case 'signature_delta':
      block['signature'] = delta['signature'];
      break;
    case 'citations_delta': {
      const earlier = Array.isArray(block['citations']) ? block['citations'] : [];
      block['citations'] = [...earlier, delta['citation'] ?? null];
      break;
    }
    case 'input_json_delta': {
      const earlier = assembly.partialInputs.get(index) ?? '';
      assembly.partialInputs.set(index, earlier + textOf(delta['partial_json']));
      break;
    }
    case 'compaction_delta':
      block['content'] = delta['content'];
      block['encrypted_content'] = delta['encrypted_content'];
      break;
    default:
  }
}

/** A tool input that was cut off stays as it began: empty. */
function closeBlock(assembly: Assembly, index: number): void {
  const block = assembly.blocks[index];
  const partial = assembly.partialInputs.get(index);
  if (block === undefined || partial === undefined || partial === '') return;
  try {
    block['input'] = JSON.parse(partial) as Json;
  } catch {
    block['input'] = {};
  }
}

function applyMessageDelta(message: JsonObject, event: JsonObject): void {
  if (isObject(event['delta'])) Object.assign(message, event['delta']);
  if (event['context_management'] !== undefined) message['context_management'] = event['context_management'];
  const earlier = message['usage'];
  if (isObject(event['usage'])) message['usage'] = mergeUsage(isObject(earlier) ? earlier : {}, event['usage']);
}
