import type { Figure } from './bench-case';
import type { CaseResult, Round } from './rounds';
import { DIRECT, PASS_THROUGH } from './start-subjects';
import { median } from './statistics';

/** A subject's ratio to the pass-through: the median of those within each round, the lowest and the highest. */
export interface Ratio {
  median: number;
  lowest: number;
  highest: number;
}

/** The median over all rounds of what the figure shows of a subject; undefined where it can't be told. */
export function figureOf(result: CaseResult, figure: Figure, subject: string): number | undefined {
  const baseline = figure.shownAs === 'added' ? DIRECT : undefined;
  if (subject === baseline) return undefined;
  const values = result.rounds.flatMap((round) => {
    const value = valueIn(round, figure, subject);
    const base = baseline === undefined ? 0 : valueIn(round, figure, baseline);
    return value === undefined || base === undefined ? [] : [value - base];
  });
  return values.length === 0 ? undefined : median(values);
}

/** How a subject compares with the pass-through; undefined where the figure is no ratio or can't be told. */
export function ratioOf(result: CaseResult, figure: Figure, subject: string): Ratio | undefined {
  if (figure.shownAs !== 'ratio') return undefined;
  const ratios = result.rounds.flatMap((round) => {
    const value = valueIn(round, figure, subject);
    const rival = valueIn(round, figure, PASS_THROUGH);
    return value === undefined || rival === undefined || rival <= 0 ? [] : [value / rival];
  });
  if (ratios.length === 0) return undefined;
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}

function valueIn(round: Round, figure: Figure, subject: string): number | undefined {
  return round[subject]?.[figure.name];
}
