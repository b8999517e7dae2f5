import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { envSchema, parseEnv, SAMPLE_SECRETS } from './env';

const REQUIRED = {
  DATABASE_URL: 'postgresql://me:secret@db.example.com/saverouter',
  ANTHROPIC_API_KEY: 'an-upstream-key',
  KEY_PEPPER: '0f1e2d3c4b5a69788796a5b4c3d2e1f0'.repeat(2),
};
const PRODUCTION = { ...REQUIRED, APP_ENV: 'production', PUBLIC_URL: 'https://api.example.com' };

describe('parseEnv', () => {
  it('needs no more than a database, an upstream key and a pepper', () => {
    expect(parseEnv(REQUIRED)).toMatchObject({
      APP_ENV: 'local',
      HOST: '127.0.0.1',
      PORT: 3000,
      PUBLIC_URL: 'http://localhost:3000',
      ANTHROPIC_BASE_URL: 'https://api.anthropic.com',
      RATE_LIMIT_INPUT_TOKENS_PER_MINUTE: 4_000_000,
    });
  });

  it('lists everything that is missing at once, each with what to do', () => {
    const message = messageOf({});
    expect(message).toContain('DATABASE_URL is missing: start SaveRouter with `npm start`');
    expect(message).toContain('ANTHROPIC_API_KEY is missing: set the key');
    expect(message).toContain('KEY_PEPPER is missing: set 32 random bytes');
  });

  it('takes an empty value for a missing one', () => {
    expect(parseEnv({ ...REQUIRED, PORT: '', REDIS_URL: '' })).toMatchObject({ PORT: 3000 });
    expect(messageOf({ ...REQUIRED, DATABASE_URL: '' })).toContain('DATABASE_URL is missing');
  });

  it('is production when NODE_ENV says so and APP_ENV says nothing', () => {
    expect(parseEnv({ ...PRODUCTION, APP_ENV: undefined, NODE_ENV: 'production' }).APP_ENV).toBe('production');
    expect(parseEnv({ ...REQUIRED, APP_ENV: 'local', NODE_ENV: 'production' }).APP_ENV).toBe('local');
  });

  it('gives the pepper as bytes, from hex or base64url, and refuses fewer than 32', () => {
    const bytes = Buffer.from(REQUIRED.KEY_PEPPER, 'hex');
    expect(parseEnv(REQUIRED).KEY_PEPPER).toEqual(bytes);
    expect(parseEnv({ ...REQUIRED, KEY_PEPPER: bytes.toString('base64url') }).KEY_PEPPER).toEqual(bytes);
    expect(messageOf({ ...REQUIRED, KEY_PEPPER: 'c3'.repeat(31) })).toContain('KEY_PEPPER: must be at least 32');
    expect(messageOf({ ...REQUIRED, KEY_PEPPER: 'a phrase, not bytes: it has spaces in it, 52 of them' })).toContain(
      '32',
    );
  });

  it.each([
    ['PORT', '70000'],
    ['PORT', 'http'],
    ['DATABASE_URL', 'mysql://db.example.com/saverouter'],
    ['ANTHROPIC_BASE_URL', 'api.anthropic.com'],
    ['LOG_LEVEL', 'loud'],
    ['APP_ENV', 'staging'],
    ['RATE_LIMIT_REQUESTS_PER_MINUTE', '0'],
    ['UPSTREAM_STALL_TIMEOUT_MS', '3000000000'],
    ['STREAM_PING_INTERVAL_MS', '1.5'],
  ])('refuses %s=%s and names it', (name, value) => {
    expect(messageOf({ ...REQUIRED, [name]: value })).toContain(`- ${name}: `);
  });

  it('never repeats a value that it refuses, since it may be a secret', () => {
    const message = messageOf({ ...REQUIRED, KEY_PEPPER: 'hunter2', DATABASE_URL: 'mysql://me:hunter2@db' });
    expect(message).toContain('KEY_PEPPER');
    expect(message).not.toContain('hunter2');
  });

  it('wants both Upstash variables or none, and one kind of Redis', () => {
    const url = { UPSTASH_REDIS_REST_URL: 'https://example.upstash.io' };
    const token = { UPSTASH_REDIS_REST_TOKEN: 'secret' };
    expect(messageOf({ ...REQUIRED, ...url })).toContain('go together');
    expect(messageOf({ ...REQUIRED, ...token })).toContain('go together');
    expect(messageOf({ ...REQUIRED, ...url, ...token, REDIS_URL: 'redis://localhost:6379' })).toContain('only one');
    expect(() => parseEnv({ ...REQUIRED, ...url, ...token })).not.toThrow();
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(parseEnv(REQUIRED))).toBe(true);
  });
});

describe('in production', () => {
  it('refuses a stand-in’s key and a pepper that nobody drew at random', () => {
    expect(messageOf({ ...PRODUCTION, ANTHROPIC_API_KEY: 'sk-ant-stand-in' })).toContain('ANTHROPIC_API_KEY');
    expect(messageOf({ ...PRODUCTION, KEY_PEPPER: '0'.repeat(64) })).toContain('KEY_PEPPER');
    expect(messageOf({ ...PRODUCTION, KEY_PEPPER: 'ab'.repeat(32) })).toContain('KEY_PEPPER');
  });

  it('starts on a complete configuration of one’s own', () => {
    expect(parseEnv(PRODUCTION)).toMatchObject({ PUBLIC_URL: 'https://api.example.com' });
  });

  it.each(Object.entries(SAMPLE_SECRETS))('refuses the sample %s', (name, sample) => {
    expect(messageOf({ ...PRODUCTION, [name]: sample })).toContain(`${name} is the sample from .env.example`);
  });

  it.each(['http://api.anthropic.com', 'https://127.0.0.1:4000', 'https://localhost', 'http://127.0.0.1:4000'])(
    'refuses the stand-in upstream %s',
    (address) => {
      expect(messageOf({ ...PRODUCTION, ANTHROPIC_BASE_URL: address })).toContain('points at a stand-in');
    },
  );

  it('wants to be told its public address', () => {
    expect(messageOf({ ...PRODUCTION, PUBLIC_URL: undefined })).toContain('PUBLIC_URL is missing');
  });
});

describe('.env.example', () => {
  const shown = new Map(
    [...readFileSync('.env.example', 'utf8').matchAll(/^# ([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );

  it('explains exactly the variables that are read', () => {
    expect([...shown.keys()].sort()).toEqual(Object.keys(envSchema.shape).sort());
  });

  it('shows as secrets the samples that production refuses, and nothing else', () => {
    for (const [name, sample] of Object.entries(SAMPLE_SECRETS)) expect(shown.get(name)).toBe(sample);
  });

  it('shows the default of each variable that has one', () => {
    const defaults: Record<string, unknown> = parseEnv(REQUIRED);
    const withoutDefault = [
      ...Object.keys(SAMPLE_SECRETS),
      'APP_ENV',
      'PUBLIC_URL',
      'REDIS_URL',
      'UPSTASH_REDIS_REST_URL',
      'JOURNAL_FOLDER',
    ];
    const withDefault = [...shown].filter(([name]) => !withoutDefault.includes(name));
    for (const [name, value] of withDefault) expect(value, name).toBe(String(defaults[name]));
  });
});

function messageOf(source: Record<string, string | undefined>): string {
  try {
    parseEnv(source);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('was not refused');
}
