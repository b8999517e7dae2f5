import { isObject, objectsOf, textOf, type Json, type JsonObject } from './json';

const MAX_DEPTH = 8;
const MAX_LENGTH = 1000;

/** Values for well-known kinds of field, harmless when an agent really runs the tool with them. */
const BY_NAME: [RegExp, string][] = [
  [/command|cmd|script/i, 'echo hello'],
  [/path|file|filename/i, 'README.md'],
  [/url|uri|link/i, 'https://example.com/'],
  [/mail/i, 'ada@example.com'],
  [/city|location|place|town/i, 'Paris'],
  [/country/i, 'France'],
  [/time_?zone/i, 'Europe/Paris'],
  [/date/i, '2026-11-22'],
  [/unit/i, 'celsius'],
  [/pattern|glob|regex/i, '*.md'],
  [/language|lang/i, 'en'],
  [/name/i, 'Ada Lovelace'],
];

const BY_FORMAT: Record<string, string> = {
  date: '2026-11-22',
  'date-time': '2026-11-22T12:00:00Z',
  email: 'ada@example.com',
  ipv4: '127.0.0.1',
  time: '12:00:00Z',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/** A plausible value for a JSON schema; `words` stand wherever the schema leaves the text open. */
export function sampleJson(schema: JsonObject, words: string): Json {
  return sample(schema, '', { root: schema, words, depth: 0 });
}

interface Scope {
  root: JsonObject;
  words: string;
  depth: number;
}

function sample(schema: JsonObject, name: string, scope: Scope): Json {
  if (scope.depth > MAX_DEPTH) return null;
  const inner = { ...scope, depth: scope.depth + 1 };
  const given = schema['const'] ?? schema['default'] ?? firstOf(schema['enum']) ?? firstOf(schema['examples']);
  if (given !== undefined) return given;
  const referenced = textOf(schema['$ref']);
  if (referenced !== '') return sample(resolve(referenced, scope.root), name, inner);
  const alternative = objectsOf(schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf'])[0];
  if (alternative !== undefined) return sample(alternative, name, inner);
  switch (typeOf(schema)) {
    case 'object':
      return sampleObject(schema, inner);
    case 'array':
      return sampleArray(schema, name, inner);
    case 'integer':
    case 'number':
      return sampleNumber(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return sampleText(schema, name, scope.words);
  }
}

function typeOf(schema: JsonObject): string {
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  if (typeof type === 'string') return type;
  return isObject(schema['properties']) ? 'object' : 'string';
}

/** What is required, or everything when nothing is. */
function sampleObject(schema: JsonObject, scope: Scope): JsonObject {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'].map(textOf) : [];
  const names = required.length > 0 ? required : Object.keys(properties);
  return Object.fromEntries(
    names.map((name) => {
      const property = properties[name];
      return [name, sample(isObject(property) ? property : {}, name, scope)];
    }),
  );
}

function sampleArray(schema: JsonObject, name: string, scope: Scope): Json[] {
  const items = isObject(schema['items']) ? schema['items'] : {};
  const wanted = typeof schema['minItems'] === 'number' ? schema['minItems'] : 1;
  return Array.from({ length: Math.min(Math.max(wanted, 1), MAX_LENGTH) }, () => sample(items, name, scope));
}

function sampleNumber(schema: JsonObject): number {
  const { minimum, maximum } = schema;
  if (typeof minimum === 'number') return minimum;
  return typeof maximum === 'number' ? Math.min(maximum, 1) : 1;
}

function sampleText(schema: JsonObject, name: string, words: string): string {
  const byFormat = BY_FORMAT[textOf(schema['format'])];
  const byName = BY_NAME.find(([pattern]) => pattern.test(name))?.[1];
  const text = byFormat ?? byName ?? (words === '' ? 'hello' : words);
  const shortest = typeof schema['minLength'] === 'number' ? Math.min(schema['minLength'], MAX_LENGTH) : 0;
  const longest = typeof schema['maxLength'] === 'number' ? schema['maxLength'] : MAX_LENGTH;
  return text.padEnd(shortest, '.').slice(0, longest);
}

function resolve(reference: string, root: JsonObject): JsonObject {
  let place: Json | undefined = root;
  for (const step of reference.replace(/^#\/?/, '').split('/')) {
    place = isObject(place) && step !== '' ? place[step] : place;
  }
  return isObject(place) ? place : {};
}

function firstOf(list: Json | undefined): Json | undefined {
  return Array.isArray(list) ? list[0] : undefined;
}
