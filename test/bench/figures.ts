import type { RoundLimits, Rounds } from './rounds.js';

/** The middle of what was measured, and its ends. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

export interface Figure extends Spread {
  what: string;
  /** `×`: a ratio to what the case is measured against. */
  unit: '×' | 'bytes' | 'ms' | '';
  /** The most that the median may be. */
  budget?: number;
  /** It is another's, and stands here to compare. */
  isPeer?: boolean;
}

/** Something that is measured, alone by its name: `npm run bench -- sizes`. */
export interface Case {
  name: string;
  title: string;
  /** What a ratio is a ratio to, or what else has to be known to read the figures. */
  against: string;
  /** How often it is measured where nobody says; nothing where once is enough. */
  limits?: RoundLimits;
  measure(options: CaseOptions): Promise<Figure[]>;
}

export interface CaseOptions {
  rounds: Rounds;
  /** Says how far it is. */
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

/** A single number that does not differ from time to time. */
export function exactly(number: number): Spread {
  return { median: number, min: number, max: number };
}

/** What was measured in each round, by name, divided by `base` of the same round: a busy moment weighs on both. */
export function ratiosTo<Name extends string>(
  rounds: readonly Record<Name, number>[],
  base: NoInfer<Name>,
): (name: Name) => Spread {
  return (name) => spread(rounds.map((round) => round[name] / round[base]));
}

export function isMissed({ budget, median }: Figure): boolean {
  return budget !== undefined && !(median <= budget);
}
