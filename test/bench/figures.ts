import type { RoundLimits, Rounds } from './rounds.js';

/** The median and the range of the measured values. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

export interface Figure extends Spread {
  label: string;
  /** `×` is a ratio to the baseline of the case. */
  unit: '×' | 'bytes' | 'ms' | '';
  /** The largest acceptable median. */
  budget?: number;
  /** Whether the figure is of another product, for comparison. */
  isPeer?: boolean;
}

/** A benchmark. Its name selects it: `npm run bench -- sizes`. */
export interface Case {
  name: string;
  title: string;
  /** The baseline of the ratios, or other information that the figures need. */
  against: string;
  /** The default number of rounds. Without it, one measurement is enough. */
  limits?: RoundLimits;
  measure(options: CaseOptions): Promise<Figure[]>;
}

export interface CaseOptions {
  rounds: Rounds;
  /** Reports progress to the terminal. */
  progress: (text: string) => void;
}

export interface CaseResult extends Pick<Case, 'name' | 'title' | 'against'> {
  rounds: number;
  seconds: number;
  figures: Figure[];
}

export function spread(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const at = (index: number) => sorted[index] ?? NaN;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}

/** The spread of a value that does not vary. */
export function exactly(number: number): Spread {
  return { median: number, min: number, max: number };
}

/** Divides each value by `base` of the same round, so that a busy moment affects both. */
export function ratiosTo<Name extends string>(
  rounds: readonly Record<Name, number>[],
  base: NoInfer<Name>,
): (name: Name) => Spread {
  return (name) => spread(rounds.map((round) => round[name] / round[base]));
}

export function isMissed({ budget, median }: Figure): boolean {
  return budget !== undefined && !(median <= budget);
}
