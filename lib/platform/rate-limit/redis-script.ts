import { createHash } from 'node:crypto';

/** A Lua script and the name by which Redis remembers it. */
export type RedisScript = { readonly source: string; readonly sha1: string };

/** The two commands that scripts need, as ioredis (through its adapter) and @upstash/redis offer them alike. */
export interface ScriptClient {
  evalsha(sha1: string, keys: string[], args: string[]): Promise<unknown>;
  eval(source: string, keys: string[], args: string[]): Promise<unknown>;
}

export function redisScript(source: string): RedisScript {
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
}

/** Runs a script by its name, and by its source where Redis does not know it yet or has forgotten it (a restart). */
export async function runScript(
  client: ScriptClient,
  script: RedisScript,
  keys: string[],
  args: string[],
): Promise<unknown> {
  try {
    return await client.evalsha(script.sha1, keys, args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('NOSCRIPT')) throw error;
    return client.eval(script.source, keys, args);
  }
}
