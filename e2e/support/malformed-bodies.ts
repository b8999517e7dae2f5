import { gzipSync } from 'node:zlib';
import {
  FIELDS,
  NEEDED,
  MODELS,
  NUMBERS,
  NAMES,
  TEXTS,
  VALUES,
  BLOCKS,
  WHOLE_TEXTS,
  BAD_UTF8,
} from './malformed-values';
import { between, pick, type Random } from './random';

/** A body that is odd in one way or several, and the headers that go with it. */
export interface MalformedBody {
  kind: string;
  bytes: Buffer;
  headers?: [string, string][];
}

type Maker = (random: Random) => Buffer | string | Omit<MalformedBody, 'kind'>;

const MAKERS: Record<string, Maker> = {
  fine: (random) => object({ ...needed(random), stream: pick(random, ['true', 'false']) }),
  'not an object': (random) => pick(random, WHOLE_TEXTS),
  truncated: (random) => whole(random).subarray(0, between(random, 0, 200)),
  'bytes flipped': (random) => flipped(random, whole(random)),
  'no UTF-8': (random) => inserted(random, whole(random), pick(random, BAD_UTF8)),
  'raw text inserted': (random) =>
    inserted(random, whole(random), Buffer.from(pick(random, [...TEXTS, ...NUMBERS.slice(0, 25)]))),
  'byte order mark': (random) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), whole(random)]),
  'UTF-16': (random) => Buffer.from(`\ufeff${whole(random).toString()}`, 'utf16le'),
  'deep nesting': (random) => object({ ...needed(random), [pick(random, Object.keys(FIELDS))]: nested(random) }),
  'deep and open': (random) =>
    `{"messages":${pick(random, ['[', '{"a":', '[{"content":['])}`.repeat(between(random, 1, 20_000)),
  'a number': (random) =>
    object({
      ...needed(random),
      [pick(random, ['max_tokens', 'max_tokens', 'top_k', 'temperature'])]: pick(random, NUMBERS),
    }),
  'a number inside': (random) => object({ ...needed(random), ...numberInside(pick(random, NUMBERS)) }),
  'a wrong type': (random) => object({ ...needed(random), [pick(random, Object.keys(FIELDS))]: pick(random, VALUES) }),
  'wrong types': (random) =>
    object(Object.fromEntries(Object.keys(FIELDS).map((field) => [field, pick(random, VALUES)]))),
  'a field missing': (random) => object(without(needed(random), pick(random, NEEDED))),
  'a field twice': (random) => doubled(random),
  'an odd name': (random) => object({ ...needed(random), ...oddlyNamed(random) }),
  'an odd text': (random) =>
    object({ ...needed(random), [pick(random, ['model', 'system', 'messages', 'metadata'])]: pick(random, TEXTS) }),
  'an odd question': (random) =>
    object({ ...needed(random), messages: `[{"role":"user","content":${pick(random, TEXTS)}}]` }),
  'odd blocks': (random) => object({ ...needed(random), messages: conversation(random) }),
  'many of them': (random) => many(random),
  compressed: (random) => ({
    bytes: gzipSync(whole(random)),
    headers: [['content-encoding', pick(random, ['gzip', 'br', 'x', 'gzip, gzip'])]],
  }),
  'compressed in secret': (random) => gzipSync(whole(random)),
  'a gzip bomb': () => ({ bytes: BOMB, headers: [['content-encoding', 'gzip']] }),
  noise: (random) => Buffer.from(Array.from({ length: between(random, 1, 2000) }, () => between(random, 0, 255))),
};
/** Ten megabytes in ten kilobytes. */
const BOMB = gzipSync(Buffer.alloc(10 * 1024 * 1024));

/** A body of a random kind. Some are right after all: the API itself takes more than one would think. */
export function malformedBody(random: Random): MalformedBody {
  const kind = pick(random, Object.keys(MAKERS));
  const made = MAKERS[kind]?.(random) ?? '';
  if (typeof made === 'string') return { kind, bytes: Buffer.from(made) };
  return Buffer.isBuffer(made) ? { kind, bytes: made } : { kind, ...made };
}

/** A body that is served. */
export function soundBody(random: Random): Buffer {
  return Buffer.from(object({ ...needed(random), stream: pick(random, ['true', 'false']) }));
}

function needed(random: Random): Record<string, string> {
  const fields: Record<string, string> = Object.fromEntries(NEEDED.map((field) => [field, FIELDS[field] ?? 'null']));
  return { ...fields, model: pick(random, MODELS), ...(random() < 0.3 ? { stream: 'true' } : {}) };
}

function whole(random: Random): Buffer {
  const more = pick(random, Object.entries(FIELDS));
  return Buffer.from(object({ ...needed(random), ...Object.fromEntries([more]) }));
}

function object(fields: Record<string, string>): string {
  return `{${Object.entries(fields)
    .map(([name, value]) => `"${name}":${value}`)
    .join(',')}}`;
}

function without(fields: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([field]) => field !== name));
}

function flipped(random: Random, bytes: Buffer): Buffer {
  for (let flips = between(random, 1, 4); flips > 0; flips -= 1) {
    bytes[between(random, 0, bytes.length - 1)] = between(random, 0, 255);
  }
  return bytes;
}

function inserted(random: Random, bytes: Buffer, what: Buffer): Buffer {
  const at = between(random, 0, bytes.length);
  return Buffer.concat([bytes.subarray(0, at), what, bytes.subarray(at)]);
}

function nested(random: Random): string {
  const depth = pick(random, [10, 255, 500, 511, 512, 513, 5000, 100_000]);
  const [open, close] = pick(random, [
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"content":', '}]'],
    ['[{"type":"tool_result","content":', '}]'],
  ] as const);
  return `${open.repeat(depth)}0${random() < 0.8 ? close.repeat(depth) : ''}`;
}

function numberInside(number: string): Record<string, string> {
  return {
    thinking: `{"type":"enabled","budget_tokens":${number}}`,
    tools: `[{"type":"web_search_20250305","name":"web_search","max_uses":${number}}]`,
  };
}

function doubled(random: Random): string {
  const field = pick(random, Object.keys(FIELDS));
  const twice = `"${field}":${FIELDS[field] ?? '0'},"${pick(random, [field, escaped(field)])}":${pick(random, VALUES)}`;
  return `{${random() < 0.5 ? `${twice},` : ''}${object(needed(random)).slice(1, -1)}${random() < 0.5 ? `,${twice}` : ''}}`;
}

/** The same name for a parser, and another for whoever compares bytes. */
function escaped(name: string): string {
  return name.replace(/./, (first) => `\\u${first.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function oddlyNamed(random: Random): Record<string, string> {
  const name = pick(random, NAMES);
  return pick(random, [
    // Of no model there is, so that we answer it: the stand-in itself stumbles over some of these names there.
    { [name]: pick(random, VALUES), model: '"none"' },
    { model: `"${name}"` },
    { tools: `[{"name":"${name}","type":"${name}","input_schema":{"type":"object","properties":{"${name}":{}}}}]` },
    { messages: `[{"role":"${name}","content":"Hi"}]` },
    { metadata: `{"__proto__":{"user_id":1},"${name}":1}` },
    { thread: `{"type":"${name}"}` },
    { service_tier: `"${name}"` },
  ]);
}

function conversation(random: Random): string {
  const message = (): string => {
    const blocks = Array.from({ length: between(random, 0, 3) }, () => pick(random, BLOCKS));
    return `{"role":${pick(random, ['"user"', '"assistant"', '"system"', 'null', '7', '"x"'])},"content":[${blocks.join(',')}]}`;
  };
  return `[${Array.from({ length: between(random, 0, 4) }, message).join(',')}]`;
}

function many(random: Random): string {
  const count = between(random, 500, 5000);
  const list = (item: string): string => `[${Array<string>(count).fill(item).join(',')}]`;
  return pick(random, [
    (): string => object({ ...needed(random), messages: list('{"role":"user","content":"Hi"}') }),
    (): string =>
      object({ ...needed(random), tools: list('{"type":"web_search_20250305","name":"web_search","max_uses":1e300}') }),
    (): string =>
      object({ ...needed(random), system: list('{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}') }),
    (): string => object({ ...needed(random), stop_sequences: list('"x"') }),
    (): string => `{${Array.from({ length: count }, (_, at) => `"k${String(at)}":${String(at)}`).join(',')}}`,
    (): string => ' '.repeat(count * 20) + object(needed(random)),
  ])();
}
