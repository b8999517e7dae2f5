/** The value that a share of all values stay at or below: 0.5 is the median. Throws when there is none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new Error('there is no percentile of nothing');
  return value;
}

/** The middle of an odd number of values, the mean of the middle two of an even one. Throws when there is none. */
export function median(values: readonly number[]): number {
  const lower = percentile(values, 0.5);
  const upper = -percentile(
    values.map((value) => -value),
    0.5,
  );
  return (lower + upper) / 2;
}
