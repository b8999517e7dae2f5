import { describe, expect, it } from 'vitest';
import { AppError } from '@/lib/domain/app-error';
import { BodyBudget } from './body-budget';

const kindOf = (act: () => void): string | undefined => {
  try {
    act();
  } catch (error) {
    return error instanceof AppError ? error.kind : 'other';
  }
  return undefined;
};

describe('the budget of request bodies', () => {
  it('bounds what one key keeps, and leaves the others theirs', () => {
    const budget = new BodyBudget({ total: 100, key: 40 });
    budget.take('key_a', 40);
    expect(kindOf(() => budget.take('key_a', 1))).toBe('rate_limited');
    expect(kindOf(() => budget.take('key_b', 40))).toBeUndefined();
  });

  it('bounds what all keep together, and says that it is not the caller’s doing', () => {
    const budget = new BodyBudget({ total: 100, key: 60 });
    budget.take('key_a', 60);
    expect(kindOf(() => budget.take('key_b', 41))).toBe('unavailable');
    expect(kindOf(() => budget.take('key_b', 40))).toBeUndefined();
  });

  it('has room again when bodies are released, and counts nothing that it refused', () => {
    const budget = new BodyBudget({ total: 50, key: 50 });
    budget.take('key_a', 50);
    expect(kindOf(() => budget.take('key_a', 10))).toBe('rate_limited');
    budget.release('key_a', 50);
    expect(kindOf(() => budget.take('key_a', 50))).toBeUndefined();
  });
});
