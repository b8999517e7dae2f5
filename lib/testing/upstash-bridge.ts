import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { openRedis, withoutShebang } from '@/lib/platform/rate-limit/ioredis-store';

type Answer = { result: unknown } | { error: string };
type Redis = ReturnType<typeof openRedis>;

/** Upstash's REST interface before a plain Redis, so that tests use the real @upstash/redis client. */
export type UpstashBridge = {
  readonly url: string;
  readonly token: string;
  /** How many HTTP requests it has answered: each is a round trip. */
  readonly requests: number;
  stop(): Promise<void>;
};

/** Opens the bridge on loopback. It answers one command at `/`, several at `/pipeline`, and 401 without its token. */
export async function startUpstashBridge(redisUrl: string): Promise<UpstashBridge> {
  const token = 'token-of-the-bridge';
  const redis = openRedis(redisUrl);
  await redis.connect();
  const shortened = new Map<string, string>();
  let requests = 0;

  const server = createServer((request, response) => {
    requests += 1;
    void handle(request, response, token, (command) => execute(redis, shortened, command));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a listening server has a port');

  return {
    url: `http://127.0.0.1:${address.port}`,
    token,
    get requests() {
      return requests;
    },
    stop: async () => {
      redis.disconnect();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  run: (command: unknown) => Promise<Answer>,
): Promise<void> {
  const body = await readJson(request);
  if (request.headers.authorization !== `Bearer ${token}`) {
    reply(response, 401, { error: 'WRONGPASS invalid or missing auth token' });
    return;
  }
  const isBase64 = request.headers['upstash-encoding'] === 'base64';
  if (request.url === '/pipeline' && Array.isArray(body)) {
    const answers = await Promise.all(body.map(run));
    reply(
      response,
      200,
      answers.map((answer) => encode(answer, isBase64)),
    );
    return;
  }
  const answer = await run(body);
  reply(response, 'error' in answer ? 400 : 200, encode(answer, isBase64));
}

/** Upstash takes scripts with its own shebang flags, which plain Redis refuses. */
async function execute(redis: Redis, shortened: Map<string, string>, command: unknown): Promise<Answer> {
  if (!Array.isArray(command)) return { error: 'ERR a command is an array' };
  const [name = '', ...args] = command.map(String);
  const verb = name.toLowerCase();
  if (verb === 'eval') {
    const source = args[0] ?? '';
    args[0] = withoutShebang(source);
    shortened.set(sha1Of(source), sha1Of(args[0]));
  }
  if (verb === 'evalsha') args[0] = shortened.get(args[0] ?? '') ?? args[0] ?? '';
  try {
    return { result: await redis.call(name, ...args) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : 'ERR unknown' };
  }
}

function encode(answer: Answer, isBase64: boolean): Answer {
  return 'error' in answer || !isBase64 ? answer : { result: toBase64(answer.result) };
}

function toBase64(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toBase64);
  return typeof value === 'string' && value !== 'OK' ? Buffer.from(value).toString('base64') : value;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function sha1Of(source: string): string {
  return createHash('sha1').update(source).digest('hex');
}
