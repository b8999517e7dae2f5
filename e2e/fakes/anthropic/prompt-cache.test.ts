import { describe, expect, it } from 'vitest';
import { PromptCache } from './prompt-cache';
import type { Segment } from './tokens';

const MINUTE_MS = 60_000;

function part(text: string, tokens: number, cacheTtl?: '5m' | '1h'): Segment {
  return { text, tokens, cacheTtl };
}

describe('the prompt cache', () => {
  it('writes a prefix when it is first seen and reads it afterwards', () => {
    const cache = new PromptCache();
    const prompt = [part('tools', 100), part('system', 900, '5m'), part('question', 10)];
    expect(cache.use('key', 'm', prompt, 1, 0)).toEqual({ readTokens: 0, write5mTokens: 1000, write1hTokens: 0 });
    expect(cache.use('key', 'm', prompt, 1, 1)).toEqual({ readTokens: 1000, write5mTokens: 0, write1hTokens: 0 });
  });

  it('splits what is written by the lifetimes asked for', () => {
    const cache = new PromptCache();
    const prompt = [part('a', 1000, '1h'), part('b', 500, '5m')];
    expect(cache.use('key', 'm', prompt, 1, 0)).toEqual({ readTokens: 0, write5mTokens: 500, write1hTokens: 1000 });
    const later = cache.use('key', 'm', prompt, 1, 10 * MINUTE_MS);
    expect(later).toEqual({ readTokens: 1000, write5mTokens: 500, write1hTokens: 0 });
  });

  it('keeps workspaces and models apart and ignores prompts that are too short', () => {
    const cache = new PromptCache();
    const prompt = [part('a', 1000, '5m')];
    cache.use('key', 'm', prompt, 1, 0);
    expect(cache.use('other', 'm', prompt, 1, 0).readTokens).toBe(0);
    expect(cache.use('key', 'n', prompt, 1, 0).readTokens).toBe(0);
    expect(cache.use('key', 'm', prompt, 1024, 0)).toEqual({ readTokens: 0, write5mTokens: 0, write1hTokens: 0 });
  });
});
