import { z } from 'zod';
import { startStack, type Stack } from '@/e2e/support/start-stack';
import { MODEL } from './answer';
import { startProgram } from './start-program';
import type { Subject } from './subject';

const CREDIT_USD = '1000000';
/** Limits stay on, out of reach: what they cost is part of what is measured. */
const OUT_OF_REACH = '1000000000';

/** The names by which figures are compared. */
export const DIRECT = 'direct';
export const PASS_THROUGH = 'pass-through';
export const SAVEROUTER = 'SaveRouter';

export interface Subjects {
  /** From the barest to the fullest. */
  all: Subject[];
  /** SaveRouter's stack, for the audit. */
  stack: Stack;
  /** How many messages the upstream has answered by its own count, whoever asked. */
  answered: () => Promise<number>;
  /** Lets every held stream come to its end. */
  releaseHeld: () => Promise<void>;
  stop: () => Promise<void>;
}

/** Starts the lean upstream and everything that is measured before it. */
export async function startSubjects(): Promise<Subjects> {
  const upstream = await startProgram('the lean upstream', new URL('./upstream.ts', import.meta.url), ['0']);
  const upstreamUrl = `http://127.0.0.1:${String(upstream.port)}`;
  const direct: Subject = {
    name: DIRECT,
    port: upstream.port,
    apiKey: 'not-looked-at',
    pid: () => undefined,
    restart: () => Promise.resolve(),
    tally: { served: 0 },
  };
  const passThrough = await startPassThrough(upstreamUrl);
  const stack = await startSaveRouter(upstreamUrl);
  return {
    all: [direct, passThrough.subject, await saveRouter(stack)],
    stack,
    answered: async () => Number(await (await fetch(`${upstreamUrl}/answered`)).text()),
    releaseHeld: async () => {
      await fetch(`${upstreamUrl}/release`, { method: 'POST' });
    },
    stop: async () => {
      await stack.stop();
      await passThrough.stop();
      await upstream.child.stop();
    },
  };
}

async function startPassThrough(upstreamUrl: string): Promise<{ subject: Subject; stop: () => Promise<void> }> {
  const start = (port: number) =>
    startProgram('the pass-through', new URL('./pass-through.ts', import.meta.url), [String(port), upstreamUrl]);
  let { child, port } = await start(0);
  const restart = async () => {
    await child.stop();
    ({ child, port } = await start(port));
  };
  return {
    subject: { name: PASS_THROUGH, port, apiKey: 'passed-on', pid: () => child.pid, restart, tally: { served: 0 } },
    stop: () => child.stop(),
  };
}

function startSaveRouter(upstreamUrl: string): Promise<Stack> {
  return startStack({
    postgresSettings: { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' },
    environment: {
      ANTHROPIC_BASE_URL: upstreamUrl,
      ACCESS_LOG: 'off',
      RATE_LIMIT_REQUESTS_PER_MINUTE: OUT_OF_REACH,
      RATE_LIMIT_INPUT_TOKENS_PER_MINUTE: OUT_OF_REACH,
      RATE_LIMIT_OUTPUT_TOKENS_PER_MINUTE: OUT_OF_REACH,
      RATE_LIMIT_CONCURRENT_REQUESTS: OUT_OF_REACH,
      // Whoever runs this may have a Redis configured; one machine counts in its own memory.
      ...{ REDIS_URL: '', UPSTASH_REDIS_REST_URL: '', UPSTASH_REDIS_REST_TOKEN: '' },
    },
  });
}

/** One account and one key send everything: for the ledger that is the hardest case, since all charges meet in one row. */
async function saveRouter(stack: Stack): Promise<Subject> {
  const account = z.object({ id: z.string() });
  const key = z.object({ key: z.string() });
  const { id } = account.parse(await cliJson(stack, ['account', 'create', '--credit', CREDIT_USD]));
  const { key: apiKey } = key.parse(await cliJson(stack, ['key', 'create', id, '--models', MODEL]));
  const restart = async () => {
    await stack.stopWeb();
    await stack.startWeb();
  };
  const port = Number(new URL(stack.url).port);
  return { name: SAVEROUTER, port, apiKey, pid: () => stack.webPid(), restart, tally: { served: 0 } };
}

/** What a command of SaveRouter's command line answers. Throws what it complained of when it failed. */
async function cliJson(stack: Stack, cliArguments: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await stack.cli([...cliArguments, '--json']);
  if (code !== 0) throw new Error(`cli ${cliArguments.join(' ')} failed: ${stderr}`);
  return JSON.parse(stdout);
}
