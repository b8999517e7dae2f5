import { createHash } from 'node:crypto';
import type { Segment } from './tokens';

const MAX_ENTRIES = 20_000;
const LIFETIME_MS = { '5m': 5 * 60_000, '1h': 60 * 60_000 };

export interface CacheUse {
  readTokens: number;
  write5mTokens: number;
  write1hTokens: number;
}

interface Prefix {
  key: string;
  tokens: number;
  ttl: Segment['cacheTtl'];
}

/**
 * The prompt cache of every workspace. As documented: A is the end of the longest cached prefix, B the last breakpoint
 * of one hour, C the last breakpoint; A is read, B - A written for an hour, the rest up to C for five minutes.
 */
export class PromptCache {
  private readonly entries = new Map<string, number>();

  /** Looks up and stores the prefixes that end at a breakpoint. Prompts below `minTokens` are not cached at all. */
  use(workspace: string, model: string, segments: Segment[], minTokens: number, nowMs: number): CacheUse {
    const prefixes = prefixesOf(`${workspace}\n${model}`, segments);
    const lastBreakpoint = prefixes.findLastIndex((prefix) => prefix.ttl !== undefined);
    const cacheable = prefixes.slice(0, lastBreakpoint + 1);
    const end = cacheable.at(-1)?.tokens ?? 0;
    if (end < minTokens || end === 0) return { readTokens: 0, write5mTokens: 0, write1hTokens: 0 };
    const hit = cacheable.findLast((prefix) => (this.entries.get(prefix.key) ?? 0) > nowMs);
    const readTokens = hit?.tokens ?? 0;
    const hourEnd = cacheable.findLast((prefix) => prefix.ttl === '1h')?.tokens ?? 0;
    const write1hTokens = Math.max(0, hourEnd - readTokens);
    this.store(cacheable, nowMs);
    return { readTokens, write1hTokens, write5mTokens: end - readTokens - write1hTokens };
  }

  clear(): void {
    this.entries.clear();
  }

  private store(prefixes: Prefix[], nowMs: number): void {
    for (const prefix of prefixes) {
      if (prefix.ttl === undefined) continue;
      this.entries.delete(prefix.key);
      this.entries.set(prefix.key, nowMs + LIFETIME_MS[prefix.ttl]);
    }
    for (const key of this.entries.keys()) {
      if (this.entries.size <= MAX_ENTRIES) break;
      this.entries.delete(key);
    }
  }
}

function prefixesOf(scope: string, segments: Segment[]): Prefix[] {
  const hash = createHash('sha256').update(scope);
  let tokens = 0;
  return segments.map((segment) => {
    hash.update(`\u0000${segment.text}`);
    tokens += segment.tokens;
    return { key: hash.copy().digest('base64'), tokens, ttl: segment.cacheTtl };
  });
}
