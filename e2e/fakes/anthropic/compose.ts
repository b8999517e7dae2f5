import { textPart, type ContentPart } from './content-part';
import { composeTool, offeredTool } from './compose-tool';
import { composeWebSearch, offersWebSearch } from './compose-web-search';
import { lastUserTexts, withoutDirectives, type Fault } from './fault';
import { seededBase64, type IdSource } from './ids';
import { isObject, objectsOf, textOf, type JsonObject } from './json';
import { sampleJson } from './sample-json';
import { signThinking } from './signature';
import { splitTokens } from './tokens';
import { isThinking } from './validate-thinking';

/** What the model says to a request, before it is cut to `max_tokens`. */
export interface Composition {
  parts: ContentPart[];
  stopReason: string;
  stopSequence: string | null;
  stopDetails: JsonObject | null;
  thinkingTokens: number;
  webSearches: number;
}

const QUOTED_WORDS = 12;
const FILLER = 'one two six ten red sky sun day'.split(' ');

/** The documented texts that make the real API refuse or withhold its thinking, so that clients can be tried. */
const REFUSAL_TRIGGER =
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86';
const REDACTION_TRIGGER =
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB';

export function compose(body: JsonObject, fault: Fault, ids: IdSource): Composition {
  const prompt = lastUserTexts(body).map(withoutDirectives).join('\n').trim();
  const thinking = composeThinking(body, fault, prompt);
  const said = composeAnswer(body, fault, prompt, ids);
  const parts = [...thinking, ...said.parts];
  const thinkingTokens = thinking.reduce(
    (sum, part) => sum + (part.generated?.tokens.length ?? 0) + (part.hiddenTokens ?? 0),
    0,
  );
  return { stopSequence: null, stopDetails: null, webSearches: 0, ...said, parts, thinkingTokens };
}

type Said = Pick<Composition, 'parts' | 'stopReason'> & Partial<Composition>;

function composeAnswer(body: JsonObject, fault: Fault, prompt: string, ids: IdSource): Said {
  if (fault.refusal !== undefined || prompt.includes(REFUSAL_TRIGGER)) return composeRefusal(fault);
  if (fault.text !== undefined) return stopAtSequence(body, fault.text);
  if (fault.hugeBytes !== undefined) {
    return { parts: [{ ...textPart(''), fillerBytes: fault.hugeBytes }], stopReason: 'end_turn' };
  }
  if (fault.outputTokens !== undefined) {
    return { parts: [fillerPart(fault.outputTokens)], stopReason: 'end_turn' };
  }
  const tool = offeredTool(body, fault);
  if (tool !== undefined) return { parts: composeTool(tool, fault, prompt, ids), stopReason: 'tool_use' };
  if (offersWebSearch(body)) return { ...composeWebSearch(quote(prompt), ids, fault.pauseTurn === true) };
  return stopAtSequence(body, structuredText(body, prompt) ?? answerText(body, prompt));
}

function composeRefusal(fault: Fault): Said {
  const parts = fault.refusal === 'midstream' ? [textPart('I started to answer this, but')] : [];
  const stopDetails = { type: 'refusal', category: 'general_harms', explanation: 'The stand-in was asked to refuse.' };
  return { parts, stopReason: 'refusal', stopDetails };
}

/** Exactly `tokens` tokens of text. */
function fillerPart(tokens: number): ContentPart {
  const words = Array.from({ length: tokens }, (_, index) => {
    const word = FILLER[index % FILLER.length] ?? '';
    return index === 0 ? word : ` ${word}`;
  });
  return { start: { type: 'text', text: '' }, generated: { field: 'text', tokens: words } };
}

function composeThinking(body: JsonObject, fault: Fault, prompt: string): ContentPart[] {
  if (fault.redactedThinking === true || prompt.includes(REDACTION_TRIGGER)) {
    const tokens = 24;
    const data = seededBase64(`redacted:${prompt}`, 120);
    return [{ start: { type: 'redacted_thinking', data }, hiddenTokens: tokens }];
  }
  if (!isThinking(body)) return [];
  const text = `The user says ${quote(prompt)}. A short and friendly answer is enough here.`;
  const tokens = splitTokens(text);
  const start = { type: 'thinking', thinking: '', signature: '' };
  if (isObject(body['thinking']) && body['thinking']['display'] === 'omitted') {
    const signature = { type: 'signature_delta', signature: signThinking('') };
    return [{ start, hiddenTokens: tokens.length, closing: [signature] }];
  }
  const signature = { type: 'signature_delta', signature: signThinking(text) };
  return [{ start, generated: { field: 'thinking', tokens }, closing: [signature] }];
}

/** Cuts a text before the first of the request's stop sequences. */
function stopAtSequence(body: JsonObject, text: string): Said {
  const sequences = Array.isArray(body['stop_sequences']) ? body['stop_sequences'].map(textOf) : [];
  const found = sequences
    .filter((sequence) => sequence !== '' && text.includes(sequence))
    .sort((a, b) => text.indexOf(a) - text.indexOf(b))[0];
  if (found === undefined) return { parts: [textPart(text)], stopReason: 'end_turn' };
  const before = text.slice(0, text.indexOf(found));
  return { parts: before === '' ? [] : [textPart(before)], stopReason: 'stop_sequence', stopSequence: found };
}

/** JSON after the schema that `output_config.format` (or the older `output_format`) asks for. */
function structuredText(body: JsonObject, prompt: string): string | undefined {
  const config = body['output_config'];
  const format = isObject(config) && isObject(config['format']) ? config['format'] : body['output_format'];
  if (!isObject(format) || !isObject(format['schema'])) return undefined;
  return JSON.stringify(sampleJson(format['schema'], firstWords(prompt)));
}

function answerText(body: JsonObject, prompt: string): string {
  const results = toolResultTexts(body);
  if (results.length > 0) {
    return `The tool answered: ${results.join(' / ')}. That is all I needed. (This is SaveRouter's stand-in upstream.)`;
  }
  const images = lastContent(body).filter((block) => block['type'] === 'image').length;
  const seen = images === 0 ? '' : ` I also see ${images === 1 ? 'an image' : `${String(images)} images`}.`;
  const heard = prompt === '' ? '' : ` You wrote: ${quote(prompt)}.`;
  return `Hello! This is SaveRouter's stand-in upstream, and your request worked.${heard}${seen} Connect a real upstream to talk to Claude.`;
}

function toolResultTexts(body: JsonObject): string[] {
  return lastContent(body)
    .filter((block) => block['type'] === 'tool_result')
    .map((block) => {
      const content = block['content'];
      const inner = objectsOf(content).map((part) => textOf(part['text']));
      return firstWords(typeof content === 'string' ? content : inner.join(' '), 30);
    })
    .map((text) => (text === '' ? 'nothing' : text));
}

function lastContent(body: JsonObject): JsonObject[] {
  return objectsOf(objectsOf(body['messages']).at(-1)?.['content']);
}

function quote(prompt: string): string {
  return `“${firstWords(prompt)}”`;
}

function firstWords(text: string, count = QUOTED_WORDS): string {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return words.slice(0, count).join(' ').slice(0, 200) + (words.length > count ? ' …' : '');
}
