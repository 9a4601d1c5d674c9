import type { MutantCoverage } from '@stryker-mutator/api/core';

/** Stryker's number of a mutant. Close numbers are close in a file. */
type MutantNumber = number;

/** What the dry run without mutants has shown. */
export interface Baseline {
  /** The duration of each test in milliseconds, by ID. */
  durationsMs: Record<string, number>;
  /** The mutants that each test runs, by ID. */
  coverage: MutantCoverage['perTest'];
}

/** Mutants at most this far apart are likely to be noticed by the same tests. */
const maxDistance = 25;
/** The minimum cost of a test, in milliseconds. */
const minTestCostMs = 50;
/** The cost of loading a test file's page, in milliseconds. */
const pageCostMs = 700;

/** The file of a test, with which its ID starts. */
export const fileOfTest = (test: string): string => test.slice(0, test.indexOf(': '));

/**
 * Predicts which tests are likeliest to fail with a mutant: those that failed with others nearby, and those that run
 * code nearby that few tests run.
 */
export class Likelihood {
  readonly #baseline: Baseline;
  /** The number of tests that run a mutant. */
  readonly #testCounts = new Map<MutantNumber, number>();
  readonly #kills: { mutant: MutantNumber; test: string }[] = [];

  constructor(baseline: Baseline) {
    this.#baseline = baseline;
    for (const hits of Object.values(baseline.coverage)) {
      for (const id of Object.keys(hits)) {
        const mutant = Number(id);
        this.#testCounts.set(mutant, (this.#testCounts.get(mutant) ?? 0) + 1);
      }
    }
  }

  noteKill(mutant: MutantNumber, test: string): void {
    this.#kills.push({ mutant, test });
  }

  /** The tests that fit into `maxTimeMs`, with the highest likelihood for their cost first. */
  choose(mutant: MutantNumber, tests: readonly string[], maxTimeMs: number): string[] {
    const worth = new Map(tests.map((test) => [test, this.#rarity(mutant, test)]));
    for (const kill of this.#kills) {
      const before = worth.get(kill.test);
      if (before === undefined) continue;
      worth.set(kill.test, before + 1 / (1 + Math.abs(kill.mutant - mutant)));
    }
    const costOf = (test: string) => minTestCostMs + (this.#baseline.durationsMs[test] ?? 0);
    const value = (test: string) => (worth.get(test) ?? 0) / costOf(test);
    const files = new Set<string>();
    let totalCostMs = 0;
    return [...tests]
      .sort((a, b) => value(b) - value(a))
      .filter((test) => {
        if (totalCostMs > maxTimeMs) return false;
        totalCostMs += costOf(test) + (files.has(fileOfTest(test)) ? 0 : pageCostMs);
        files.add(fileOfTest(test));
        return true;
      });
  }

  #rarity(mutant: MutantNumber, test: string): number {
    const hits = this.#baseline.coverage[test] ?? {};
    let sum = 0;
    for (let other = mutant - maxDistance; other <= mutant + maxDistance; other += 1) {
      if (String(other) in hits) {
        sum += 1 / ((this.#testCounts.get(other) ?? 1) * (1 + Math.abs(other - mutant)));
      }
    }
    return sum;
  }
}
