import { invalidRequest } from './api-error';
import { isObject, objectsOf, textOf, type JsonObject } from './json';

/** How one exchange is to differ from an ordinary one. Every field is optional; they combine where that makes sense. */
export interface Fault {
  // Instead of an answer.
  status?: number;
  errorType?: string;
  message?: string;
  details?: JsonObject;
  retryAfter?: number | string;
  headers?: Record<string, string>;
  rawBody?: string;
  contentType?: string;
  redirect?: string | true;
  dropConnection?: true;
  stallBeforeHeaders?: true;
  // Pace.
  delayMs?: number;
  firstEventDelayMs?: number;
  eventDelayMs?: number;
  silenceAfterEvents?: number;
  silentMs?: number;
  // What is said.
  text?: string;
  outputTokens?: number;
  tokensPerEvent?: number;
  toolName?: string;
  toolInput?: JsonObject;
  redactedThinking?: true;
  refusal?: true | 'midstream';
  pauseTurn?: true;
  scenario?: string;
  hugeBytes?: number;
  pings?: number;
  uniqueId?: true;
  // What the answer says of itself.
  usage?: JsonObject;
  startUsage?: JsonObject;
  deltaUsage?: JsonObject;
  omitDeltaUsage?: string[];
  noUsage?: true;
  servedModel?: string;
  minCacheableTokens?: number;
  // Where a stream breaks. Pings count as events.
  cutAfterEvents?: number;
  truncateAfterEvents?: number;
  stallAfterEvents?: number;
  errorEventAfterEvents?: number;
  malformedAfterEvents?: number;
  truncateJson?: true;
  // How the bytes travel.
  trickle?: true;
  splitAt?: number;
  chunkBytes?: number;
  crlf?: true;
  gzip?: true | 'br';
}

const FAULT_FIELDS = new Set<string>([
  ...['status', 'errorType', 'message', 'details', 'retryAfter', 'headers', 'rawBody', 'contentType', 'redirect'],
  ...['dropConnection', 'stallBeforeHeaders', 'delayMs', 'firstEventDelayMs', 'eventDelayMs', 'silenceAfterEvents'],
  ...['silentMs', 'text', 'outputTokens', 'tokensPerEvent', 'toolName', 'toolInput', 'redactedThinking', 'refusal'],
  ...['pauseTurn', 'scenario', 'hugeBytes', 'pings', 'uniqueId', 'usage', 'startUsage', 'deltaUsage'],
  ...['omitDeltaUsage', 'noUsage', 'servedModel', 'minCacheableTokens', 'cutAfterEvents', 'truncateAfterEvents'],
  ...['stallAfterEvents', 'errorEventAfterEvents', 'malformedAfterEvents', 'truncateJson', 'trickle', 'splitAt'],
  ...['chunkBytes', 'crlf', 'gzip'],
]);

const OPENING = '[[fake ';
const CLOSING = ']]';

/** A fault from parsed JSON. A misspelt field is refused, because a fault that never happens makes a test vacuous. */
export function parseFault(value: unknown): Fault {
  if (!isObject(value)) throw invalidRequest('stand-in: a fault is a JSON object');
  const unknown = Object.keys(value).filter((field) => !FAULT_FIELDS.has(field));
  if (unknown.length > 0) throw invalidRequest(`stand-in: unknown fault field ${unknown.join(', ')}`);
  return value;
}

/** The fault that the last user message or the system prompt asks for, as `[[fake {"…": …}]]`. */
export function directiveOf(body: JsonObject): Fault {
  for (const text of [...lastUserTexts(body), ...blockTexts(body['system'])]) {
    const found = findDirective(text);
    if (found !== undefined) return parseFault(found.value);
  }
  return {};
}

/** A text without its directives, as the answer quotes it. */
export function withoutDirectives(text: string): string {
  let rest = text;
  for (let found = findDirective(rest); found !== undefined; found = findDirective(rest)) {
    rest = rest.slice(0, found.start) + rest.slice(found.end);
  }
  return rest.trim();
}

/** The texts of the last message when the user wrote it. */
export function lastUserTexts(body: JsonObject): string[] {
  const last = objectsOf(body['messages']).findLast((message) => message['role'] !== 'system');
  return last?.['role'] === 'user' ? blockTexts(last['content']) : [];
}

function blockTexts(content: unknown): string[] {
  if (typeof content === 'string') return [content];
  return objectsOf(content)
    .filter((block) => block['type'] === 'text')
    .map((block) => textOf(block['text']));
}

/** JSON may itself hold `]]`, so each closing is tried until what is before it parses. */
function findDirective(text: string): { start: number; end: number; value: unknown } | undefined {
  const start = text.indexOf(OPENING);
  if (start < 0) return undefined;
  const from = start + OPENING.length;
  for (let close = text.indexOf(CLOSING, from); close >= 0; close = text.indexOf(CLOSING, close + 1)) {
    const value = parsed(text.slice(from, close));
    if (value !== undefined) return { start, end: close + CLOSING.length, value };
  }
  throw invalidRequest('stand-in: the directive in the prompt is not valid JSON');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
