import type { BenchCase, Figures } from './bench-case';
import type { Subject } from './subject';

/** What each subject showed in one round, by its name. */
export type Round = Readonly<Record<string, Figures>>;

export interface CaseResult {
  benchCase: BenchCase;
  rounds: Round[];
}

/**
 * Measures all cases in rounds. A machine that others use is slow for seconds at a time: each round measures all subjects
 * one right after the other, and every other round in reverse order, so that slowness and order fall on all of them.
 */
export async function measureInRounds(
  cases: readonly BenchCase[],
  subjects: readonly Subject[],
  rounds: number,
  onRound: (round: number) => void,
): Promise<CaseResult[]> {
  const results = cases.map((benchCase): CaseResult => ({ benchCase, rounds: [] }));
  for (let round = 1; round <= rounds; round += 1) {
    onRound(round);
    const order = round % 2 === 1 ? subjects : [...subjects].reverse();
    for (const result of results) result.rounds.push(await measureRound(result.benchCase, order));
  }
  return results;
}

async function measureRound(benchCase: BenchCase, order: readonly Subject[]): Promise<Round> {
  const found: [name: string, figures: Figures][] = [];
  for (const subject of order) found.push([subject.name, await benchCase.run(subject)]);
  return Object.fromEntries(found);
}
