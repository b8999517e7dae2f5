import { z } from 'zod';

/** What .env.example shows in place of secrets. Production refuses to start on any of them. */
export const SAMPLE_SECRETS: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgresql://saverouter:change-me@localhost:5432/saverouter',
  ANTHROPIC_API_KEY: 'sk-ant-your-own-key',
  UPSTASH_REDIS_REST_TOKEN: 'your-own-token',
  KEY_PEPPER: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
};

const PEPPER_BYTES_MIN = 32;
/** 32 random bytes have some thirty distinct ones; fewer than this were typed, not drawn. */
const PEPPER_DISTINCT_BYTES_MIN = 10;
/** setTimeout counts in 32 bits: a longer time fires at once. */
const TIMER_MS_MAX = 2_147_483_647;

const limit = (fallback: number) => z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER).default(fallback);
const timeMs = (fallback: number) => z.coerce.number().int().positive().max(TIMER_MS_MAX).default(fallback);
const port = z.coerce.number().int().min(0).max(65_535).default(3000);
const webUrl = z.url({ protocol: /^https?$/, error: 'must be a URL that starts with http:// or https://' });
const address = (protocol: RegExp, example: string) => z.url({ protocol, error: `must be an address like ${example}` });
const databaseUrl = address(/^postgres(ql)?$/, 'postgresql://user:password@host:5432/name');
const redisUrl = address(/^rediss?$/, 'redis://host:6379');

const pepper = z.string().transform((text, context) => {
  const bytes = decodeSecret(text);
  if (bytes !== undefined && bytes.length >= PEPPER_BYTES_MIN) return bytes;
  context.addIssue('must be at least 32 random bytes in hex or base64url; `openssl rand -hex 32` prints some');
  return z.NEVER;
});

/** Every variable that the product reads. `.env.example` explains each; a test holds that both name the same. */
export const envSchema = z.object({
  APP_ENV: z.enum(['local', 'test', 'production']),
  HOST: z.string().default('127.0.0.1'),
  PORT: port,
  PUBLIC_URL: webUrl.optional(),
  DATABASE_URL: databaseUrl,
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(1000).default(10),
  ANTHROPIC_API_KEY: z.string().regex(/^[\u0021-\u007e]+$/, 'must be one word, as the provider shows it'),
  ANTHROPIC_BASE_URL: webUrl.default('https://api.anthropic.com'),
  REDIS_URL: redisUrl.optional(),
  UPSTASH_REDIS_REST_URL: webUrl.optional(),
  UPSTASH_REDIS_REST_TOKEN: z.string().optional(),
  KEY_PEPPER: pepper,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  ACCESS_LOG: z.enum(['on', 'off']).default('on'),
  GATEWAY_DOOR: z.enum(['node', 'next']).default('node'),
  RATE_LIMIT_REQUESTS_PER_MINUTE: limit(2000),
  RATE_LIMIT_INPUT_TOKENS_PER_MINUTE: limit(4_000_000),
  RATE_LIMIT_OUTPUT_TOKENS_PER_MINUTE: limit(800_000),
  RATE_LIMIT_CONCURRENT_REQUESTS: limit(500),
  FAILED_AUTHENTICATIONS_PER_MINUTE: limit(300),
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  CLIENT_HEADERS_TIMEOUT_MS: timeMs(60_000),
  CLIENT_REQUEST_TIMEOUT_MS: timeMs(600_000),
  UPSTREAM_FIRST_BYTE_TIMEOUT_MS: timeMs(600_000),
  UPSTREAM_STALL_TIMEOUT_MS: timeMs(120_000),
  STREAM_PING_INTERVAL_MS: timeMs(15_000),
  DRAIN_TIMEOUT_MS: timeMs(25_000),
  JOURNAL_FOLDER: z.string().optional(),
});

type Parsed = z.infer<typeof envSchema>;
export type Env = Readonly<Omit<Parsed, 'PUBLIC_URL'> & { PUBLIC_URL: string }>;

let parsed: Env | undefined;

/** The configuration of this process, read at the first call and never again. Throws one readable list of what is wrong. */
export function env(): Env {
  parsed ??= parseEnv(process.env);
  return parsed;
}

/** The log's level, which is needed before, and in a build without, a whole configuration. */
export function logLevel(): Parsed['LOG_LEVEL'] {
  return envSchema.shape.LOG_LEVEL.catch('info').parse(process.env['LOG_LEVEL'] || undefined);
}

/**
 * Reads a configuration. An empty value counts as none.
 *
 * @throws Error with one line for each variable that is missing or wrong, saying what to do about it.
 */
export function parseEnv(source: Readonly<Record<string, string | undefined>>): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const appEnv = given['APP_ENV'] ?? (given['NODE_ENV'] === 'production' ? 'production' : 'local');
  const result = envSchema.safeParse({ ...given, APP_ENV: appEnv });
  const complaints = result.success
    ? contradictions(result.data, given)
    : result.error.issues.map((issue) => complaintOf(issue, given));
  if (appEnv === 'production') complaints.push(...productionRefusals(given));
  if (!result.success || complaints.length > 0) throw new Error(asList(complaints));
  const publicUrl = (result.data.PUBLIC_URL ?? `http://localhost:${String(result.data.PORT)}`).replace(/\/+$/, '');
  return Object.freeze({ ...result.data, PUBLIC_URL: publicUrl });
}

function contradictions(parsedEnv: Parsed, given: Record<string, string | undefined>): string[] {
  const complaints: string[] = [];
  if ((given['UPSTASH_REDIS_REST_URL'] === undefined) !== (given['UPSTASH_REDIS_REST_TOKEN'] === undefined)) {
    complaints.push('UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN go together: set both, or neither.');
  }
  if (parsedEnv.REDIS_URL !== undefined && parsedEnv.UPSTASH_REDIS_REST_URL !== undefined) {
    complaints.push('REDIS_URL and UPSTASH_REDIS_REST_URL are two ways to the same thing: set only one of them.');
  }
  return complaints;
}

/** What is handy on one's own machine and dangerous where customers pay. */
function productionRefusals(given: Record<string, string | undefined>): string[] {
  const complaints = Object.entries(SAMPLE_SECRETS)
    .filter(([name, sample]) => given[name] === sample)
    .map(([name]) => `${name} is the sample from .env.example: set a value of your own.`);
  if (given['ANTHROPIC_API_KEY']?.startsWith('sk-ant-stand-in') === true) {
    complaints.push("ANTHROPIC_API_KEY is the stand-in's: set the key of your Anthropic account.");
  }
  const pepperBytes = decodeSecret(given['KEY_PEPPER'] ?? '');
  if (pepperBytes && pepperBytes.length > 0 && new Set(pepperBytes).size < PEPPER_DISTINCT_BYTES_MIN) {
    complaints.push('KEY_PEPPER is no secret: set random bytes, such as `openssl rand -hex 32` prints.');
  }
  if (given['PUBLIC_URL'] === undefined) {
    complaints.push('PUBLIC_URL is missing: set the address that your customers use, such as https://api.example.com.');
  }
  const address = given['ANTHROPIC_BASE_URL'] ?? '';
  const upstream = URL.canParse(address) ? new URL(address) : undefined;
  if (upstream !== undefined && (upstream.protocol !== 'https:' || isLoopback(upstream.hostname))) {
    complaints.push(
      'ANTHROPIC_BASE_URL points at a stand-in: leave it out, or set the https address of a real upstream.',
    );
  }
  return complaints;
}

function complaintOf(issue: z.core.$ZodIssue, given: Record<string, string | undefined>): string {
  const name = String(issue.path[0]);
  if (given[name] !== undefined || name === 'APP_ENV') return `${name}: ${issue.message}.`;
  return `${name} is missing: ${HOW_TO_GET[name] ?? 'set it'}.`;
}

const HOW_TO_GET: Readonly<Record<string, string>> = {
  DATABASE_URL: 'start SaveRouter with `npm start`, which brings a PostgreSQL, or set the address of one of yours',
  ANTHROPIC_API_KEY:
    'set the key of your Anthropic account (with APP_ENV=local, `npm start` uses a stand-in without one)',
  KEY_PEPPER: 'set 32 random bytes and keep them for good, since every key depends on them (`openssl rand -hex 32`)',
};

function asList(complaints: string[]): string {
  const lines = complaints.map((complaint) => `  - ${complaint}`).join('\n');
  return `The configuration is not complete. Each variable is explained in .env.example.\n${lines}`;
}

function decodeSecret(text: string): Buffer | undefined {
  if (/^(?:[0-9a-f]{2})+$/i.test(text)) return Buffer.from(text, 'hex');
  return /^[\w-]+$/.test(text) ? Buffer.from(text, 'base64url') : undefined;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname === '0.0.0.0' || hostname.startsWith('127.');
}
