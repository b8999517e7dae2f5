import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonScanError } from './json-scanner';
import { replaceMaxTokens, scanMessagesBody, type MessagesBody } from './messages-body';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ';

/** Fields that are listed even when they are null; for the API a null means that any other is not there. */
const READ_FIELDS = new Set([
  ...['model', 'max_tokens', 'stream', 'thinking', 'thread', 'speed', 'inference_geo'],
  ...['cache_control', 'tools', 'system', 'messages'],
]);

describe('scanMessagesBody', () => {
  it('reads the fields that decide', () => {
    const body = scan({
      model: 'claude-opus-4-8',
      max_tokens: 1_024,
      stream: true,
      thinking: { type: 'enabled', budget_tokens: 2_048 },
      thread: { type: 'create' },
      speed: 'fast',
      inference_geo: 'us',
      messages: [{ role: 'user', content: 'hi' }],
    });
    expect(body).toMatchObject({
      fields: ['model', 'max_tokens', 'stream', 'thinking', 'thread', 'speed', 'inference_geo', 'messages'],
      model: 'claude-opus-4-8',
      maxTokens: 1_024,
      stream: true,
      thinking: { type: 'enabled', budget_tokens: 2_048 },
      thread: { type: 'create' },
      speed: 'fast',
      inferenceGeo: 'us',
      images: 0,
      cache: 'none',
      usesFiles: false,
    });
    expect(body.textBytes).toBe(body.bytes.length);
  });

  it('reads the same as JSON.parse in any body, with keys in any order, space and escapes', () => {
    fc.assert(
      fc.property(anyBody, fc.constantFrom(undefined, 2, '\t'), fc.boolean(), (value, space, escaped) => {
        const text = JSON.stringify(value, null, space);
        const body = scanMessagesBody(Buffer.from(escaped ? escapeKeys(text) : text));
        const parsed = JSON.parse(text) as Record<string, unknown>;
        expect(body.fields).toEqual(
          Object.keys(parsed).filter((name) => READ_FIELDS.has(name) || parsed[name] !== null),
        );
        expect(pick(body)).toEqual({
          model: parsed['model'],
          maxTokens: parsed['max_tokens'],
          stream: parsed['stream'],
          thinking: parsed['thinking'],
          thread: parsed['thread'],
          speed: parsed['speed'],
          inferenceGeo: parsed['inference_geo'],
        });
      }),
    );
  });

  it('counts what a walk over the parsed body counts', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 5 }), fc.array(block, { maxLength: 3 }), (content, system) => {
        const value = {
          system,
          messages: [
            { role: 'user', content },
            { role: 'assistant', content: 'ok' },
          ],
        };
        const counted = count([...content, ...system]);
        const body = scan(value);
        expect(body).toMatchObject({
          images: counted.images,
          documentBytes: counted.documentBytes,
          documentUrls: counted.documentUrls,
          usesFiles: counted.usesFiles,
          cache: counted.cache,
        });
        expect(body.textBytes).toBe(body.bytes.length - counted.payloadBytes);
      }),
    );
  });

  it('does not count base64 as text, wherever its block stands', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG.repeat(1_000) } };
    const payloadBytes = PNG.length * 1_000;
    const inToolResult = { type: 'tool_result', tool_use_id: 't', content: [image] };
    const inDocument = { type: 'document', source: { type: 'content', content: [image] } };
    for (const block of [image, inToolResult, inDocument]) {
      const body = scan({ messages: [{ role: 'user', content: [block] }] });
      expect(body.images).toBe(1);
      expect(body.textBytes).toBe(body.bytes.length - payloadBytes);
    }
  });

  it('counts a payload as text where it belongs to no image and no document', () => {
    const source = { type: 'base64', media_type: 'audio/wav', data: PNG };
    for (const block of [{ type: 'audio', source }, { type: 'text', text: 'hi', source }, { source }]) {
      const body = scan({ messages: [{ role: 'user', content: [block] }] });
      expect(body).toMatchObject({ images: 0, documentBytes: 0 });
      expect(body.textBytes).toBe(body.bytes.length);
    }
  });

  it('counts as text what only claims to be a payload', () => {
    for (const data of [5, null, ['x'], { text: 'x' }]) {
      const block = { type: 'image', source: { type: 'base64', data } };
      const body = scan({ messages: [{ role: 'user', content: [block] }] });
      expect(body.textBytes).toBe(body.bytes.length);
    }
  });

  it('tells documents by how they come', () => {
    const content = [
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PNG } },
      { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'plain text' } },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
    ];
    const body = scan({ messages: [{ role: 'user', content }] });
    expect(body).toMatchObject({ images: 1, documentBytes: PNG.length, documentUrls: 1 });
    expect(body.textBytes).toBe(body.bytes.length - PNG.length);
  });

  it('finds files of the upstream account wherever a block may name them', () => {
    const file = { type: 'image', source: { type: 'file', file_id: 'file_1' } };
    for (const block of [
      file,
      { type: 'document', source: { file_id: 'file_1', type: 'file' } },
      { type: 'container_upload', file_id: 'file_1' },
      { type: 'tool_result', content: [file] },
      { type: 'document', source: { type: 'content', content: [file] } },
    ]) {
      expect(scan({ messages: [{ role: 'user', content: [block] }] }).usesFiles).toBe(true);
      expect(scan({ system: [block] }).usesFiles).toBe(true);
    }
  });

  it('is not misled by look-alikes in tool inputs, schemas, texts and metadata', () => {
    const lookAlike = {
      type: 'container_upload',
      source: { type: 'file', file_id: 'file_1' },
      cache_control: { type: 'ephemeral', ttl: '1h' },
      content: [{ type: 'image', source: { type: 'base64', data: PNG } }],
      max_tokens: 5,
      model: 'another',
    };
    const body = scan({
      metadata: lookAlike,
      model: 'claude-opus-4-8',
      max_tokens: 9,
      tools: [{ name: 'a', input_schema: { properties: lookAlike, ...lookAlike }, input_examples: [lookAlike] }],
      messages: [
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'a', input: lookAlike }] },
        { role: 'user', content: JSON.stringify(lookAlike), source: lookAlike },
        { role: 'user', content: [{ type: 'text', text: JSON.stringify({ content: lookAlike }) }] },
      ],
    });
    expect(body).toMatchObject({
      usesFiles: false,
      cache: 'none',
      images: 0,
      tools: [],
      model: 'claude-opus-4-8',
      maxTokens: 9,
    });
    expect(body.textBytes).toBe(body.bytes.length);
  });

  it.each([
    ['on the request', { cache_control: { type: 'ephemeral' } }, '5m'],
    [
      'on a system block',
      { system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
      '1h',
    ],
    ['on a tool', { tools: [{ name: 'a', cache_control: { type: 'ephemeral', ttl: '5m' } }] }, '5m'],
    ['on a message block', { messages: [{ content: [{ type: 'text', cache_control: { ttl: '1h' } }] }] }, '1h'],
    [
      'inside a tool result',
      { messages: [{ content: [{ type: 'tool_result', content: [{ cache_control: {} }] }] }] },
      '5m',
    ],
    ['set to null', { cache_control: null, system: [{ type: 'text', text: 'x', cache_control: null }] }, 'none'],
    ['1h before 5m', { cache_control: { ttl: '1h' }, system: [{ cache_control: { ttl: '5m' } }] }, '1h'],
    ['5m before 1h', { cache_control: { ttl: '5m' }, system: [{ cache_control: { ttl: '1h' } }] }, '1h'],
  ])('finds the dearest cache that is asked for: %s', (_where, value, cache) => {
    expect(scan(value).cache).toBe(cache);
  });

  it("lists the tools that the upstream runs, and not the caller's own", () => {
    const { tools } = scan({
      tools: [
        { name: 'mine', input_schema: {} },
        { type: 'custom', name: 'mine_too' },
        { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
        { max_uses: 'many', type: 'web_fetch_20260209' },
        { type: 'advisor_20260301', model: 'claude-opus-4-8' },
        'no tool',
      ],
    });
    expect(tools).toEqual([
      { type: 'web_search_20250305', maxUses: 3, model: undefined },
      { type: 'web_fetch_20260209', maxUses: undefined, model: undefined },
      { type: 'advisor_20260301', maxUses: undefined, model: 'claude-opus-4-8' },
    ]);
  });

  it("keeps every duplicate of a field in sight, and the last one's value", () => {
    const body = scanMessagesBody(Buffer.from('{"max_tokens":1,"model":"a","max\\u005ftokens":2,"model":"b"}'));
    expect(body.fields).toEqual(['max_tokens', 'model', 'max_tokens', 'model']);
    expect(body).toMatchObject({ maxTokens: 2, model: 'b' });
  });

  it('keeps no more fields and tools than any client sends, however many come', () => {
    const of = (text: string): Buffer => Buffer.from(text);
    const fields = (count: number): string => Array.from({ length: count }, (_, at) => `"k${at}":1`).join(',');
    const tools = (count: number): string => `"tools":[${Array(count).fill('{"type":"bash_20250124"}').join(',')}]`;
    expect(scanMessagesBody(of(`{${fields(1_000)}}`)).fields).toHaveLength(1_000);
    expect(() => scanMessagesBody(of(`{${fields(1_001)}}`))).toThrow('more than 1000 fields');
    expect(scanMessagesBody(of(`{${tools(1_000)}}`)).tools).toHaveLength(1_000);
    expect(() => scanMessagesBody(of(`{${tools(1_001)}}`))).toThrow('more than 1000 tools');
  });

  it("reads shapes that are not the API's without judging them", () => {
    for (const value of [
      { messages: 'hi', system: 5, tools: {}, cache_control: 'x', thinking: [] },
      {
        messages: [1, null, [], { content: 7 }, { content: [1, null, [[]], { type: 5, source: 'x', content: null }] }],
      },
      { tools: [null, [], 5, {}] },
      {},
    ]) {
      expect(scan(value)).toMatchObject({ images: 0, tools: [], cache: 'none', usesFiles: false });
    }
  });

  it.each([
    '',
    '[]',
    'null',
    '"x"',
    '{',
    '{"model":}',
    '{"model":"a"}x',
    '{"messages":[}',
    '{"max_tokens":12x}',
    '{"stream":tru}',
  ])('refuses %j, which is no JSON object', (text) => {
    expect(() => scanMessagesBody(Buffer.from(text))).toThrow(JsonScanError);
  });

  it.each(['{"messages":', '{"metadata":', '{"messages":[{"content":[{"content":', '{"tools":[{"input_schema":'])(
    'refuses nesting of a hundred thousand inside %s',
    (head) => {
      for (const open of ['[', '{"a":', '{"content":[']) {
        expect(() => scanMessagesBody(Buffer.from(head + open.repeat(100_000)))).toThrow('nested deeper than 512');
      }
    },
  );
});

describe('replaceMaxTokens', () => {
  it('changes the number and no other byte', () => {
    const literal = fc.constantFrom('1', '1024', '1.0', '1e3', '-5', 'null', '"64000"', '9007199254740993', '[1, 2]');
    const name = fc.constantFrom('"max_tokens"', '"max_\\u0074okens"', '"\\u006dax\\u005Ftokens"');
    const space = fc.constantFrom('', ' ', '\n\t', '\r\n  ');
    const replacement = fc.nat({ max: 200_000 });
    fc.assert(
      fc.property(anyBody, anyBody, literal, name, space, replacement, (before, after, number, key, pad, maxTokens) => {
        const head = `{${entries(before)}${key}${pad}:${pad}`;
        const tail = `${pad}${entries(after, ',')}}`;
        const replaced = replaceMaxTokens(scanMessagesBody(Buffer.from(head + number + tail)), maxTokens);
        expect(replaced.equals(Buffer.from(head + String(maxTokens) + tail))).toBe(true);
        const original = JSON.parse(head + number + tail) as Record<string, unknown>;
        expect(JSON.parse(replaced.toString())).toEqual({ ...original, max_tokens: maxTokens });
      }),
    );
  });

  it('keeps bytes that no parser would write back: integers past 2^53, doubled keys, lone surrogates, NUL', () => {
    const text = '{"a":12345678901234567890,"10":1,"2":2,"x":1.0,"x":"\\ud800\\u0000","max_tokens": 5 ,"é":"\\/"}';
    const replaced = replaceMaxTokens(scanMessagesBody(Buffer.from(text)), 123);
    expect(replaced.toString()).toBe(text.replace(' 5 ', ' 123 '));
    const invalid = Buffer.concat([Buffer.from('{"max_tokens":5,"a":"'), Buffer.of(0xff, 0xfe), Buffer.from('"}')]);
    const kept = replaceMaxTokens(scanMessagesBody(invalid), 5);
    expect(kept.equals(invalid)).toBe(true);
  });

  it('refuses a body that has no max_tokens', () => {
    expect(() => replaceMaxTokens(scan({}), 5)).toThrow('no max_tokens');
  });
});

function scan(value: unknown): MessagesBody {
  return scanMessagesBody(Buffer.from(JSON.stringify(value)));
}

function pick({
  model,
  maxTokens,
  stream,
  thinking,
  thread,
  speed,
  inferenceGeo,
}: MessagesBody): Record<string, unknown> {
  return { model, maxTokens, stream, thinking, thread, speed, inferenceGeo };
}

const FIELDS = [
  'model',
  'max_tokens',
  'stream',
  'thinking',
  'thread',
  'speed',
  'inference_geo',
  'cache_control',
  'tools',
  'system',
  'messages',
  'metadata',
  '10',
  '',
];
const anyBody = fc.dictionary(fc.oneof(fc.constantFrom(...FIELDS), fc.string()), fc.jsonValue());

/** The fields of an object but max_tokens, as text with a comma behind (or before) them. */
function entries(value: Record<string, unknown>, before?: ','): string {
  const fields = Object.entries(value).filter(([name]) => name !== 'max_tokens');
  const text = fields.map(([name, field]) => `${JSON.stringify(name)}: ${JSON.stringify(field)}`).join(' ,');
  if (text === '') return '';
  return before === undefined ? `${text},` : before + text;
}

/** Writes the first letter of every lower-case key as an escape, which means the same. */
function escapeKeys(text: string): string {
  return text.replace(/(?<=[{,]\s*")([a-z])(?=[a-z_]*"\s*:)/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
}

type Block = Record<string, unknown>;
type Counted = {
  images: number;
  documentBytes: number;
  documentUrls: number;
  payloadBytes: number;
  usesFiles: boolean;
  cache: 'none' | '5m' | '1h';
};

const base64 = fc.base64String({ maxLength: 40 });
const source = fc.oneof(
  fc.record({ type: fc.constant('base64'), media_type: fc.constant('image/png'), data: base64 }),
  fc.record({ data: base64, type: fc.constant('base64') }),
  fc.record({ type: fc.constant('url'), url: fc.webUrl() }),
  fc.record({ type: fc.constant('text'), data: fc.string() }),
  fc.record({ type: fc.constant('file'), file_id: fc.string() }),
);
const cacheControl = fc.constantFrom(
  undefined,
  null,
  { type: 'ephemeral' },
  { type: 'ephemeral', ttl: '1h' },
  { ttl: '5m' },
);
const { block } = fc.letrec<{ block: Block }>((tie) => ({
  block: fc.oneof(
    { maxDepth: 3 },
    fc.record({ type: fc.constant('text'), text: fc.string(), cache_control: cacheControl }),
    fc.record({ type: fc.constantFrom('image', 'document', 'audio'), source, cache_control: cacheControl }),
    fc.record({ source, type: fc.constantFrom('image', 'document') }),
    fc.record({ type: fc.constant('tool_use'), id: fc.string(), input: fc.jsonValue() }),
    fc.record({
      type: fc.constant('tool_result'),
      content: fc.array(tie('block'), { maxLength: 3 }),
      cache_control: cacheControl,
    }),
    fc.record({
      type: fc.constant('document'),
      source: fc.record({ type: fc.constant('content'), content: fc.array(tie('block'), { maxLength: 3 }) }),
    }),
  ),
}));

/** The reference: the same counts from parsed blocks. */
function count(blocks: readonly Block[]): Counted {
  const counted: Counted = {
    images: 0,
    documentBytes: 0,
    documentUrls: 0,
    payloadBytes: 0,
    usesFiles: false,
    cache: 'none',
  };
  const visit = (each: Block): void => {
    const {
      type,
      source: from,
      content,
      cache_control: control,
    } = each as {
      type: string;
      source?: { type: string; data?: string; content?: Block[] };
      content?: Block[];
      cache_control?: { ttl?: string } | null;
    };
    if (type === 'image') counted.images += 1;
    if (from?.type === 'file') counted.usesFiles = true;
    if (from?.type === 'url' && type === 'document') counted.documentUrls += 1;
    if (from?.type === 'base64' && type !== 'audio') counted.payloadBytes += from.data?.length ?? 0;
    if (from?.type === 'base64' && type === 'document') counted.documentBytes += from.data?.length ?? 0;
    if (control?.ttl === '1h') counted.cache = '1h';
    else if (control && counted.cache === 'none') counted.cache = '5m';
    content?.forEach(visit);
    from?.content?.forEach(visit);
  };
  blocks.forEach(visit);
  return counted;
}
