import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { isMissed, type CaseResult, type Figure } from './figures.js';

/** The results of a run, with its date and machine. */
export interface Report {
  date: string;
  machine: string;
  browser: string;
  load: { before: number; after: number };
  cases: CaseResult[];
}

/** Describes the machine without identifying it. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${cpus().length} cores, shared (${model})`;
}

/** The load average of the last minute. */
export function currentLoad(): number {
  return Math.round((loadavg()[0] ?? NaN) * 10) / 10;
}

export function readReport(path: string): Report {
  return JSON.parse(readFileSync(path, 'utf8')) as Report;
}

/** Formats a case as a table for a terminal. */
export function tableOf({ name, title, against, rounds, seconds, figures }: CaseResult): string {
  const rows = figures.map((figure) => [
    `${figure.isPeer ? '· ' : ''}${figure.label}`,
    write(figure.median, figure),
    figure.min === figure.max ? '' : `${write(figure.min, figure)} – ${write(figure.max, figure)}`,
    figure.budget === undefined
      ? ''
      : `≤ ${write(figure.budget, figure)} ${isMissed(figure) ? 'MISSED' : 'met'}`,
  ]);
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const [first, second, third] = [width(0), width(1), width(2)];
  const lines = rows.map(([label = '', median = '', ends = '', verdict = '']) =>
    `  ${label.padEnd(first)}  ${median.padStart(second)}  ${ends.padEnd(third)}  ${verdict}`.trimEnd(),
  );
  const times = rounds > 1 ? `, ${rounds} rounds` : '';
  return [`\n${title} (${name}${times}, ${seconds} s)`, `${against}.`, ...lines].join('\n');
}

/** Describes each missed budget in one line. */
export function missedIn(cases: CaseResult[]): string[] {
  return cases.flatMap(({ name, figures }) =>
    figures
      .filter(isMissed)
      .map(
        (figure) =>
          `${name}: ${figure.label}: ${write(figure.median, figure)} and not ${write(figure.budget ?? NaN, figure)}`,
      ),
  );
}

export function write(value: number, { unit }: Pick<Figure, 'unit'>): string {
  if (unit === '×') return `${value.toFixed(2)} ×`;
  if (unit === 'ms') return `${value.toFixed(value < 100 ? 1 : 0)} ms`;
  return value.toLocaleString('en');
}
