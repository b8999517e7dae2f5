import { isObject, objectsOf, textOf, type Json, type JsonObject } from './json';

/** What the stand-in counts an image as when it does not decode it: the size of a full-resolution one. */
const IMAGE_TOKENS = 1600;
const DOCUMENT_TOKENS = 2000;
const MESSAGE_OVERHEAD_TOKENS = 3;
/** The hidden system prompt that the real API adds when tools are offered. */
const TOOL_PROMPT_TOKENS = { free: 346, forced: 313 };

const TOKEN_PATTERN = /\s?[^\s]{1,4}|\s/gu;

/** Text as tokens: up to four characters, a leading space included. Joined again they are the text. */
export function splitTokens(text: string): string[] {
  return text.match(TOKEN_PATTERN) ?? [];
}

/** A rough count for input, by bytes, so that no script is cheaper than the others. */
function countText(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}

/** One stretch of the prompt, in the order in which caching sees it: tools, system, messages. */
export interface Segment {
  text: string;
  tokens: number;
  cacheTtl: '5m' | '1h' | undefined;
}

/** The whole prompt as segments, one per tool and content block. */
export function promptSegments(body: JsonObject): Segment[] {
  const tools = objectsOf(body['tools']);
  const segments = tools.map((tool, index) => {
    const prompt = index === 0 ? toolPromptTokens(body) : 0;
    return segment(tool, countText(JSON.stringify(withoutCacheControl(tool))) + prompt);
  });
  segments.push(...contentSegments(body['system'], 'system', 0));
  for (const message of objectsOf(body['messages'])) {
    segments.push(...contentSegments(message['content'], textOf(message['role']), MESSAGE_OVERHEAD_TOKENS));
  }
  const automatic = body['cache_control'];
  const last = segments.at(-1);
  if (isObject(automatic) && last !== undefined) last.cacheTtl ??= ttlOf(automatic);
  return segments;
}

export function countInputTokens(body: JsonObject): number {
  return promptSegments(body).reduce((sum, part) => sum + part.tokens, 0);
}

function toolPromptTokens(body: JsonObject): number {
  const choice = body['tool_choice'];
  const kind = isObject(choice) ? choice['type'] : 'auto';
  return kind === 'any' || kind === 'tool' ? TOOL_PROMPT_TOKENS.forced : TOOL_PROMPT_TOKENS.free;
}

function contentSegments(content: Json | undefined, role: string, overheadTokens: number): Segment[] {
  if (typeof content === 'string') {
    return [{ text: `${role}:${content}`, tokens: countText(content) + overheadTokens, cacheTtl: undefined }];
  }
  return objectsOf(content).map((block, index) => {
    const part = segment(block, blockTokens(block) + (index === 0 ? overheadTokens : 0));
    return { ...part, text: `${role}:${part.text}` };
  });
}

function segment(block: JsonObject, tokens: number): Segment {
  const control = block['cache_control'];
  return {
    text: JSON.stringify(withoutCacheControl(block)),
    tokens,
    cacheTtl: isObject(control) ? ttlOf(control) : undefined,
  };
}

function ttlOf(control: JsonObject): '5m' | '1h' {
  return control['ttl'] === '1h' ? '1h' : '5m';
}

function withoutCacheControl(block: JsonObject): JsonObject {
  return { ...block, cache_control: undefined };
}

function blockTokens(block: JsonObject): number {
  switch (block['type']) {
    case 'text':
      return countText(textOf(block['text']));
    case 'image':
      return IMAGE_TOKENS;
    case 'document':
      return documentTokens(block);
    case 'tool_result': {
      const content = block['content'];
      if (typeof content === 'string') return countText(content) + MESSAGE_OVERHEAD_TOKENS;
      return objectsOf(content).reduce((sum, inner) => sum + blockTokens(inner), MESSAGE_OVERHEAD_TOKENS);
    }
    case 'redacted_thinking':
    case 'compaction':
    case 'thinking':
      return countText(textOf(block['thinking']) + textOf(block['content']));
    default:
      return countText(JSON.stringify(withoutCacheControl(block)));
  }
}

function documentTokens(block: JsonObject): number {
  const source = block['source'];
  if (!isObject(source) || source['type'] !== 'text') return DOCUMENT_TOKENS;
  return countText(textOf(source['data']));
}
