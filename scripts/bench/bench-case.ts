import type { Subject } from './subject';

/** What a case found of one subject in one round, by the figure's name; a figure that can't be told is left out. */
export type Figures = Record<string, number | undefined>;

export interface Figure {
  name: string;
  unit: 'per second' | 'ms' | 'kB';
  /** `added`: shown as what the subject adds to going direct. `ratio`: also compared with the pass-through. */
  shownAs: 'plain' | 'ratio' | 'added';
}

export interface BenchCase {
  title: string;
  figures: readonly Figure[];
  /** Measures one subject once. */
  run: (subject: Subject) => Promise<Figures>;
}
