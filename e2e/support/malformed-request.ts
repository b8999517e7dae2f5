import { malformedBody, soundBody } from './malformed-bodies';
import {
  credentials,
  oddHeaders,
  oddMethod,
  oddTarget,
  oddVersion,
  type HeaderLine,
  type RunKeys,
} from './malformed-heads';
import { between, pick, seededRandom, type Random } from './random';

/** One connection's worth of bytes, and how its client behaves. */
export interface MalformedRequest {
  kind: string;
  /** What is sent, write by write. */
  pieces: Buffer[];
  pauseMs: number;
  /**
   * `answered`: the request is whole, so there must be an answer. `quiet`: nobody can tell; after a silence the client
   * says that it will send no more. `leaves`: the client goes at once.
   */
  client: 'answered' | 'quiet' | 'leaves';
  /** How many requests a server may see in these bytes at the most: more would be one smuggled in. */
  answersMax: number;
  /** The method of the first of them, which decides whether an answer has a body. */
  method: string;
  /** Whether the target is a path of the API, as far as anybody can tell. */
  api: boolean;
}

type Made = Omit<MalformedRequest, 'pieces' | 'pauseMs'> & { bytes: Buffer };
type Maker = (random: Random, keys: RunKeys) => Made;

const MAKERS: { weight: number; make: Maker }[] = [
  { weight: 50, make: withOddBody },
  { weight: 16, make: withOddHeaders },
  { weight: 14, make: withOddTarget },
  { weight: 12, make: withOddFraming },
  { weight: 4, make: pipelined },
  { weight: 4, make: noise },
];
const SPLIT_SHARE = 0.3;
const LEAVES_SHARE = 0.05;
const PAUSE_MS_MAX = 12;
/** A second request behind the first, for whoever reads the first one's length in another way. */
const SMUGGLED = 'GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n';

/** The request of a run that has this number: the same for the same seed and number, whatever came before. */
export function malformedRequest(seed: number, number: number, keys: RunKeys): MalformedRequest {
  const random = seededRandom(seed * 1_000_003 + number);
  let left = random() * MAKERS.reduce((sum, { weight }) => sum + weight, 0);
  const maker = MAKERS.find(({ weight }) => (left -= weight) < 0) ?? MAKERS[0]!;
  const { bytes, ...made } = maker.make(random, keys);
  const leaves = random() < LEAVES_SHARE;
  const sent = leaves ? bytes.subarray(0, between(random, 0, bytes.length)) : bytes;
  const split = random() < SPLIT_SHARE;
  return {
    ...made,
    client: leaves ? 'leaves' : made.client,
    pieces: split ? pieces(random, sent) : [sent],
    pauseMs: between(random, 0, PAUSE_MS_MAX),
  };
}

function withOddBody(random: Random, keys: RunKeys): Made {
  const body = malformedBody(random);
  const target = random() < 0.85 ? '/v1/messages' : '/v1/messages/count_tokens';
  const headers: HeaderLine[] = [
    ...credentials(random, keys),
    ...(body.headers ?? []),
    ['content-type', 'application/json'],
  ];
  const framed = random() < 0.75 ? sized(body.bytes) : chunked(random, body.bytes);
  const bytes = request('POST', target, [...headers, ...framed.headers], framed.bytes);
  return { kind: `body: ${body.kind}`, bytes, client: 'answered', answersMax: 1, method: 'POST', api: true };
}

function withOddHeaders(random: Random, keys: RunKeys): Made {
  const { headers, bytes } = sized(soundBody(random));
  const odd = oddHeaders(random);
  const all = random() < 0.5 ? [...odd, ...headers] : [...headers, ...odd];
  const head = request('POST', '/v1/messages', [...credentials(random, keys), ...all], bytes);
  const kind = `header: ${(odd[0]?.[0] ?? '').slice(0, 20)}`;
  // A header may have changed how long the body is.
  return { kind, bytes: head, client: 'quiet', answersMax: 2, method: 'POST', api: true };
}

function withOddTarget(random: Random, keys: RunKeys): Made {
  const method = random() < 0.5 ? oddMethod(random) : pick(random, ['GET', 'POST']);
  const target = oddTarget(random);
  const version = random() < 0.12 ? oddVersion(random) : 'HTTP/1.1';
  const { headers, bytes } = random() < 0.5 ? sized(soundBody(random)) : sized(Buffer.alloc(0));
  const all = [...credentials(random, keys), ...headers];
  const kind = `target: ${method.slice(0, 12)} ${target.slice(0, 40)} ${version}`;
  const api = /^(\/v1)?\/(v1|messages|models)(\/|\?|$)/.test(target);
  return { kind, bytes: request(method, target, all, bytes, version), client: 'quiet', answersMax: 2, method, api };
}

/** Lengths that contradict each other or the bytes: the ways one request is read as two. */
function withOddFraming(random: Random, keys: RunKeys): Made {
  const body = soundBody(random).toString('latin1');
  const hex = body.length.toString(16);
  const length = (value: string): HeaderLine => ['content-length', value];
  const coding = (value: string): HeaderLine => ['transfer-encoding', value];
  const [kind, headers, bytes] = pick<[string, HeaderLine[], string]>(random, [
    ['CL and TE', [length('4'), coding('chunked')], `${hex}\r\n${body}\r\n0\r\n\r\n${SMUGGLED}`],
    ['TE and CL', [coding('chunked'), length(String(body.length))], `0\r\n\r\n${SMUGGLED}`],
    ['two lengths', [length('0'), length(String(body.length))], body],
    ['a list of lengths', [length(`${String(body.length)}, 0`)], body],
    [
      'an odd length',
      [length(pick(random, ['-1', '+5', '0x10', '1e2', '9'.repeat(30), ' ', '5 5', '12;', 'NaN']))],
      body,
    ],
    ['too long a length', [length(String(body.length + between(random, 1, 500)))], body],
    ['too short a length', [length(String(between(random, 1, body.length - 1)))], body],
    ['a length over the limit', [length(String(33 * 1024 * 1024))], body],
    ['an odd coding', [coding(pick(random, ['xchunked', 'chunked, identity', 'identity', 'gzip, chunked', 'chunked;q=1', '', '\u000bchunked', 'chunked, chunked']))], `${hex}\r\n${body}\r\n0\r\n\r\n`], // prettier-ignore
    ['two codings', [coding('chunked'), coding('identity')], `0\r\n\r\n${SMUGGLED}`],
    ['a coding with a space', [['transfer-encoding ', 'chunked'], length(String(body.length))], body],
    [
      'a bad chunk size',
      [coding('chunked')],
      `${pick(random, ['zz', '-1', 'f'.repeat(20), '', ' ', '0x5', '1\n'])}\r\n${body}\r\n0\r\n\r\n`,
    ],
    ['a chunk too short', [coding('chunked')], `${(body.length - 3).toString(16)}\r\n${body}\r\n0\r\n\r\n`],
    ['a chunk too long', [coding('chunked')], `${(body.length + 9).toString(16)}\r\n${body}\r\n0\r\n\r\n`],
    ['a chunk that never ends', [coding('chunked')], `${hex}\r\n${body}\r\n`],
    [
      'a chunk extension',
      [coding('chunked')],
      `${hex};${'x=y;'.repeat(between(random, 1, 8000))}\r\n${body}\r\n0\r\n\r\n`,
    ],
    ['trailers', [coding('chunked')], `${hex}\r\n${body}\r\n0\r\nx-api-key: other\r\ncontent-length: 5\r\n\r\n`],
    ['bare line feeds', [coding('chunked')], `${hex}\n${body}\n0\n\n`],
  ]);
  const head = request(
    'POST',
    '/v1/messages',
    [...credentials(random, keys), ...headers],
    Buffer.from(bytes, 'latin1'),
  );
  return { kind: `framing: ${kind}`, bytes: head, client: 'quiet', answersMax: 1, method: 'POST', api: true };
}

/** Several requests in one breath, the last of them odd. */
function pipelined(random: Random, keys: RunKeys): Made {
  const count = between(random, 1, 4);
  const sound = Array.from({ length: count }, () => {
    const { headers, bytes } = sized(soundBody(random));
    return request('POST', '/v1/messages', [['x-api-key', keys.rich], ...headers], bytes, 'HTTP/1.1', true);
  });
  const last = withOddBody(random, keys);
  const bytes = Buffer.concat([...sound, last.bytes]);
  return { kind: 'pipelined', bytes, client: 'quiet', answersMax: count + 1, method: 'POST', api: true };
}

function noise(random: Random, keys: RunKeys): Made {
  const sound = request(
    'POST',
    '/v1/messages',
    [['x-api-key', keys.rich], ...sized(soundBody(random)).headers],
    soundBody(random),
  );
  const [kind, bytes] = pick<[string, Buffer]>(random, [
    ['bytes', Buffer.from(Array.from({ length: between(random, 1, 3000) }, () => between(random, 0, 255)))],
    ['line ends', Buffer.from('\r\n'.repeat(between(random, 1, 2000)))],
    ['TLS', Buffer.from('16030100c8010000c40303', 'hex')],
    [
      'HTTP/2',
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000', 'latin1'),
    ],
    ['a proxy line', Buffer.concat([Buffer.from('PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n'), sound])],
    ['a torn head', sound.subarray(0, between(random, 1, sound.length - 1))],
    ['a head with holes', flipped(random, sound)],
    ['a folded header', Buffer.from('GET /v1/models HTTP/1.1\r\nHost: x\r\nX-A: b\r\n\tc\r\n\r\n')],
    ['no host', Buffer.from('GET /v1/models HTTP/1.1\r\n\r\n')],
    ['two hosts', Buffer.from('GET /v1/models HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n')],
    ['an old version', Buffer.from('GET /v1/models\r\n\r\n')],
  ]);
  return { kind: `noise: ${kind}`, bytes, client: 'quiet', answersMax: 3, method: 'POST', api: false };
}

function flipped(random: Random, bytes: Buffer): Buffer {
  for (let flips = between(random, 1, 3); flips > 0; flips -= 1)
    bytes[between(random, 0, 150)] = between(random, 0, 255);
  return bytes;
}

type Framed = { headers: HeaderLine[]; bytes: Buffer };

function sized(bytes: Buffer): Framed {
  return { headers: bytes.length === 0 ? [] : [['content-length', String(bytes.length)]], bytes };
}

function chunked(random: Random, bytes: Buffer): Framed {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = between(random, 1, Math.max(1, bytes.length >> 1));
    const chunk = bytes.subarray(at, at + size);
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
    at += size;
  }
  return { headers: [['transfer-encoding', 'chunked']], bytes: Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]) };
}

/** Latin 1, so that a header can hold any byte. */
function request(
  method: string,
  target: string,
  headers: HeaderLine[],
  body: Buffer,
  version = 'HTTP/1.1',
  keep = false,
): Buffer {
  const lines = [['Host', '127.0.0.1'], ...(keep ? [] : [['Connection', 'close']]), ...headers];
  const head = [`${method} ${target} ${version}`, ...lines.map(([name, value]) => `${String(name)}: ${String(value)}`)];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

function pieces(random: Random, bytes: Buffer): Buffer[] {
  const cuts = Array.from({ length: between(random, 1, 5) }, () => between(random, 0, bytes.length)).sort(
    (a, b) => a - b,
  );
  return [0, ...cuts].map((from, at) => bytes.subarray(from, cuts[at] ?? bytes.length));
}
