import type { Figure } from './bench-case';
import type { CaseResult } from './rounds';
import { SAVEROUTER } from './start-subjects';
import { figureOf, ratioOf, type Ratio } from './summary';

const UNKNOWN = '–';
const LABEL_COLUMNS = 34;
const VALUE_COLUMNS = 16;

/** The table: a line for each figure, a column for each subject, and SaveRouter's ratio to the pass-through. */
export function renderTable(results: readonly CaseResult[], subjects: readonly string[]): string {
  const head = line('', [...subjects, 'ratio (range)']);
  const blocks = results.flatMap((result) => [
    '',
    result.benchCase.title,
    ...result.benchCase.figures.map((figure) =>
      line(`  ${figure.name}`, [
        ...subjects.map((subject) => valueText(figure, figureOf(result, figure, subject))),
        ratioText(ratioOf(result, figure, SAVEROUTER)),
      ]),
    ),
  ]);
  return [head, ...blocks].join('\n');
}

/** The ratios in one line, to be quoted. */
export function renderRatios(results: readonly CaseResult[]): string {
  const cases = results.flatMap((result) => {
    const ratios = result.benchCase.figures.flatMap((figure) => {
      const ratio = ratioOf(result, figure, SAVEROUTER);
      return ratio ? [`${figure.name} ${short(ratio.median)}`] : [];
    });
    return ratios.length === 0 ? [] : [`${result.benchCase.title}: ${ratios.join(', ')}`];
  });
  return `SaveRouter where the pass-through is 1 · ${cases.join(' · ')}`;
}

function valueText(figure: Figure, value: number | undefined): string {
  if (value === undefined) return UNKNOWN;
  if (figure.unit === 'per second') return `${Math.round(value).toLocaleString('en')}/s`;
  return figure.unit === 'kB' ? `${value.toFixed(0)} kB` : `${value.toFixed(2)} ms`;
}

function ratioText(ratio: Ratio | undefined): string {
  return ratio ? `${short(ratio.median)} (${short(ratio.lowest)}–${short(ratio.highest)})` : '';
}

function short(ratio: number): string {
  return ratio.toFixed(ratio < 1.995 ? 2 : 1);
}

function line(label: string, values: string[]): string {
  const last = VALUE_COLUMNS + 4;
  const cells = values.map((value, index) => value.padStart(index === values.length - 1 ? last : VALUE_COLUMNS));
  return `${label.padEnd(LABEL_COLUMNS)}${cells.join('')}`.trimEnd();
}
