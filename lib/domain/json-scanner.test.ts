import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonScanError, JsonScanner } from './json-scanner';

const ANY_VALUE_BYTES = Infinity;

describe('JsonScanner, on any JSON that JSON.parse reads', () => {
  const padding = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r'), maxLength: 3 });
  const spacing = fc.constantFrom(undefined, 1, '\t', '\r\n ');

  it('builds the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), spacing, padding, (value, space, pad) => {
        const text = pad + JSON.stringify(value, null, space) + pad;
        const scanner = new JsonScanner(Buffer.from(text));
        expect(scanner.value(ANY_VALUE_BYTES)).toEqual(JSON.parse(text));
        scanner.end();
      }),
    );
  });

  it('gives the exact extent of a value, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), spacing, padding, (value, space, pad) => {
        const text = JSON.stringify(value, null, space);
        const bytes = Buffer.from(`${pad}${text}${pad},"more"`);
        const { start, end } = new JsonScanner(bytes).skip();
        expect(bytes.toString('utf8', start, end)).toBe(text);
      }),
    );
  });

  it('finds the same keys and values in an object, and the same items in an array', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), spacing, (value, space) => {
        const text = JSON.stringify(value, null, space);
        const parsed = JSON.parse(text) as Record<string, unknown>;
        const fields: [string, unknown][] = [];
        const scanner = new JsonScanner(Buffer.from(text));
        scanner.object((key) => fields.push([key, scanner.value(ANY_VALUE_BYTES)]));
        scanner.end();
        expect(fields).toEqual(Object.entries(parsed));

        const items: unknown[] = [];
        const list = new JsonScanner(Buffer.from(JSON.stringify(Object.values(parsed), null, space)));
        list.array(() => items.push(list.value(ANY_VALUE_BYTES)));
        list.end();
        expect(items).toEqual(Object.values(parsed));
      }),
    );
  });

  it('decodes keys however they are escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.boolean(), (key, everything) => {
        const escaped = everything ? `"${[...escapeUnits(key)].join('')}"` : JSON.stringify(key);
        const keys: string[] = [];
        const scanner = new JsonScanner(Buffer.from(`{${escaped}:1}`));
        scanner.object((name) => {
          keys.push(name);
          scanner.skip();
        });
        expect(keys).toEqual([JSON.parse(escaped)]);
      }),
    );
  });
});

describe('JsonScanner', () => {
  it.each([
    ['"\\""', 4],
    ['"\\\\"', 4],
    ['"\\\\\\""', 6],
    ['"a\\\\\\\\"', 7],
    ['"{[,:]}"', 8],
    ['"é🙂"', 8],
    ['-1.5e+10', 8],
    ['true', 4],
    ['[{"a":"]}"},[]]', 15],
  ])('skips %s as one value of %d bytes', (text, end) => {
    expect(new JsonScanner(Buffer.from(`${text} ,1`)).skip()).toEqual({ start: 0, end });
  });

  it('gives undefined for a value that is longer than asked for, and goes on behind it', () => {
    const scanner = new JsonScanner(Buffer.from('["aaaaaaaaaa", 7]'));
    const items: unknown[] = [];
    scanner.array(() => items.push(scanner.value(5)));
    expect(items).toEqual([undefined, 7]);
  });

  it('keeps numbers that a double cannot hold as bytes', () => {
    const bytes = Buffer.from('[12345678901234567890123, 1.0]');
    const scanner = new JsonScanner(bytes);
    const extents: string[] = [];
    scanner.array(() => {
      const { start, end } = scanner.skip();
      extents.push(bytes.toString('latin1', start, end));
    });
    expect(extents).toEqual(['12345678901234567890123', '1.0']);
  });

  it.each([
    '',
    ' ',
    '{',
    '{"a"',
    '{"a":',
    '{"a":}',
    '{"a":1',
    '{"a":1,}',
    '{,}',
    '{a:1}',
    "{'a':1}",
    '{"a" 1}',
    '{"a":1 "b":2}',
    '{"a":1}}',
    '{"a":1} x',
    '{"a":"no end}',
    '{"a":"no end\\"}',
    '{"a":[1,2}',
    '{"a":{"b":1}',
    '{"a":tru}',
    '{"a":1.}',
    '{"\\x":1}',
    '\ufeff{"a":1}',
    '[]',
    '"{}"',
    'null',
  ])('refuses %j where an object is wanted', (text) => {
    const scanner = new JsonScanner(Buffer.from(text));
    const read = (): void => {
      scanner.object(() => scanner.value(ANY_VALUE_BYTES));
      scanner.end();
    };
    expect(read).toThrow(JsonScanError);
  });

  it.each(['[', '{"a":', '[{"a":'])(
    'refuses nesting of a hundred thousand %s, walked or skipped, without exhausting the stack',
    (open) => {
      const bytes = Buffer.from(open.repeat(100_000));
      expect(() => new JsonScanner(bytes).skip()).toThrow('nested deeper than 512');
      const walker = new JsonScanner(bytes);
      const walk = (): void => {
        if (walker.isAt('array')) walker.array(walk);
        else walker.object(walk);
      };
      expect(walk).toThrow('nested deeper than 512');
    },
  );

  it('reads nesting of 512, walked and then skipped', () => {
    const text = '['.repeat(512) + ']'.repeat(512);
    expect(new JsonScanner(Buffer.from(text)).skip()).toEqual({ start: 0, end: 1024 });
    const scanner = new JsonScanner(Buffer.from(text));
    scanner.array(() => scanner.skip());
    scanner.end();
    const deeper = new JsonScanner(Buffer.from(`[${text}]`));
    expect(() => deeper.array(() => deeper.skip())).toThrow('nested deeper than 512');
  });

  it('says at which byte it stopped', () => {
    const scanner = new JsonScanner(Buffer.from('{"é": ]'));
    expect(() => scanner.object(() => scanner.skip())).toThrow('expected a value at byte 7');
  });

  it('reads long runs of escapes in one pass', () => {
    const text = JSON.stringify('\\"'.repeat(200_000) + '\\'.repeat(200_000));
    const bytes = Buffer.from(text);
    expect(new JsonScanner(bytes).skip()).toEqual({ start: 0, end: bytes.length });
  });
});

function* escapeUnits(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += 1) yield `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
}
