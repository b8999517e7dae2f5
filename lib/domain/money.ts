/** An amount of money in nano-dollars: 1e-9 USD. */
export type Nano = bigint;

export const NANO_PER_USD = 1_000_000_000n;

/**
 * Reads a decimal amount of dollars, such as `10`, `0.25` or `0.000000001`, exactly.
 * @throws RangeError when the text is no plain non-negative decimal with at most nine places.
 */
export function parseUsd(text: string): Nano {
  const match = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text.trim());
  if (!match)
    throw new RangeError(
      `"${text}" is no amount in dollars: write it like 10 or 0.25, with at most nine decimal places`,
    );
  return BigInt(match[1] ?? '0') * NANO_PER_USD + BigInt((match[2] ?? '').padEnd(9, '0'));
}

/** Renders nano-dollars as a plain decimal of dollars, at least two places and never rounded: `0.50`, `0.000000001`. */
export function formatUsd(amountNano: Nano): string {
  const sign = amountNano < 0n ? '-' : '';
  const digits = (amountNano < 0n ? -amountNano : amountNano).toString().padStart(10, '0');
  const places = digits.slice(-9).replace(/0{1,7}$/, '');
  return `${sign}${digits.slice(0, -9)}.${places}`;
}

/** Integer division that rounds up, for non-negative numerators: the one rounding a charge sees. */
export function divideRoundingUp(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator;
}
