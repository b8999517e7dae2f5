import { InvalidArgumentError } from 'commander';
import { parseUsd, type Nano } from '@/lib/domain/money';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `10`, `0.25`: dollars, exactly. */
export function usd(text: string): Nano {
  try {
    return parseUsd(text);
  } catch (error) {
    throw new InvalidArgumentError(`${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** `none` stays a word until the contract wants its null: commander puts an empty text where a parser gives null. */
export type OrNone<T> = T | 'none';

/** Null for `none`; what was not given stays undefined. */
export function noneAsNull<T>(value: OrNone<T> | undefined): T | null | undefined {
  return value === 'none' ? null : value;
}

/** Dollars, or `none`. */
export function usdOrNone(text: string): OrNone<Nano> {
  return text === 'none' ? text : usd(text);
}

/** Dollars per thousand, as nano-dollars per million. */
export function usdPerThousand(text: string): Nano {
  return usd(text) * 1000n;
}

/** `2027-01-31`, `2027-01-31T12:00:00Z`, or a time from now: `30d`, `12h`, `90s`. */
export function date(text: string): Date {
  const fromNow = /^(\d{1,6})([smhd])$/.exec(text);
  if (fromNow) return new Date(Date.now() + Number(fromNow[1]) * (UNIT_MS[fromNow[2] ?? ''] ?? 0));
  const parsed = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
    ? new Date(text)
    : undefined;
  if (parsed && !Number.isNaN(parsed.getTime())) return parsed;
  throw new InvalidArgumentError(
    'Write a date like 2027-01-31 or 2027-01-31T12:00:00Z (UTC), or a time from now like 30d or 12h.',
  );
}

/** A date, or `none`. */
export function dateOrNone(text: string): OrNone<Date> {
  return text === 'none' ? text : date(text);
}

export function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number.');
}

/** A whole number, or `none`. */
export function wholeNumberOrNone(text: string): OrNone<number> {
  return text === 'none' ? text : wholeNumber(text);
}

export function bigNumber(text: string): bigint {
  if (/^\d{1,18}$/.test(text)) return BigInt(text);
  throw new InvalidArgumentError('Write a whole number.');
}

/** `a,b`; `all` for no restriction. */
export function modelNames(text: string): string[] {
  return text === 'all'
    ? []
    : text
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '');
}
