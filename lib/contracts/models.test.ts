import { describe, expect, it } from 'vitest';
import { AppError } from '@/lib/domain/app-error';
import { parseModelsQuery } from './models';

function parse(query: string): ReturnType<typeof parseModelsQuery> {
  return parseModelsQuery(new URLSearchParams(query));
}

function errorOf(query: string): unknown {
  try {
    return parse(query);
  } catch (error) {
    return error;
  }
}

describe('parseModelsQuery', () => {
  it('gives pages of 20 from the start where nothing is asked', () => {
    expect(parse('')).toEqual({ limit: 20, afterId: undefined, beforeId: undefined });
  });

  it.each([
    ['limit=1', 1],
    ['limit=1000', 1_000],
    ['limit=7', 7],
  ])('takes a limit from 1 to 1000: %s', (query, limit) => {
    expect(parse(query).limit).toBe(limit);
  });

  it('takes cursors as they are', () => {
    expect(parse('after_id=claude-opus-4-8&limit=2')).toEqual({
      limit: 2,
      afterId: 'claude-opus-4-8',
      beforeId: undefined,
    });
    expect(parse('before_id=claude%2Dhaiku')).toEqual({ limit: 20, afterId: undefined, beforeId: 'claude-haiku' });
  });

  it('lets pass what it does not know, as clients send more than we serve', () => {
    expect(parse('beta=true&lifecycle=active&__proto__=1')).toEqual(parse(''));
  });

  it.each(['limit=0', 'limit=-1', 'limit=1001', 'limit=1.5', 'limit=', 'limit=ten', 'limit=Infinity', 'limit=1e400'])(
    'refuses any other limit with a 400 that says what is allowed: %s',
    (query) => {
      const error = errorOf(query);
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ kind: 'invalid_request', message: expect.stringContaining('1 to 1000') as string });
    },
  );

  it.each(['after_id=', 'before_id='])('refuses an empty cursor: %s', (query) => {
    expect(errorOf(query)).toMatchObject({ kind: 'invalid_request' });
  });
});
