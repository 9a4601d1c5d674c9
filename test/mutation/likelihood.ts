import type { MutantCoverage } from '@stryker-mutator/api/core';

/** A mutant, by Stryker's number: numbers that are near each other are near in a file. */
type Place = number;

/** What is known of the tests without any mutant. */
export interface Known {
  /** Milliseconds that each test takes, by id. */
  times: Record<string, number>;
  /** Which mutants each test meets, by id. */
  coverage: MutantCoverage['perTest'];
}

/** How far two mutants may be apart that tell anything of each other. */
const near = 25;
/** Milliseconds that a test costs at least. */
const least = 50;
/** Milliseconds that the page of a test file costs. */
const pageCost = 700;

/** A test's id begins with its file. */
export const fileOfTest = (test: string): string => test.slice(0, test.indexOf(': '));

/**
 * Which tests are likeliest to fail with a mutant: those that have failed with others near it, and those that meet
 * what few tests meet near it. A test that is about a refusal is one of the few that come to where it is refused.
 */
export class Likelihood {
  readonly #known: Known;
  /** How many tests meet a mutant. */
  readonly #met = new Map<Place, number>();
  readonly #kills: { place: Place; test: string }[] = [];

  constructor(known: Known) {
    this.#known = known;
    for (const hits of Object.values(known.coverage)) {
      for (const id of Object.keys(hits)) {
        const place = Number(id);
        this.#met.set(place, (this.#met.get(place) ?? 0) + 1);
      }
    }
  }

  noteKill(place: Place, test: string): void {
    this.#kills.push({ place, test });
  }

  /** The tests, the likeliest first, weighed against what they cost; as many as take `enough` milliseconds. */
  choose(place: Place, tests: readonly string[], enough: number): string[] {
    const worth = new Map(tests.map((test) => [test, this.#rarity(place, test)]));
    for (const kill of this.#kills) {
      const before = worth.get(kill.test);
      if (before === undefined) continue;
      worth.set(kill.test, before + 1 / (1 + Math.abs(kill.place - place)));
    }
    const costOf = (test: string) => least + (this.#known.times[test] ?? 0);
    const value = (test: string) => (worth.get(test) ?? 0) / costOf(test);
    const files = new Set<string>();
    let spent = 0;
    return [...tests]
      .sort((a, b) => value(b) - value(a))
      .filter((test) => {
        if (spent > enough) return false;
        spent += costOf(test) + (files.has(fileOfTest(test)) ? 0 : pageCost);
        files.add(fileOfTest(test));
        return true;
      });
  }

  #rarity(place: Place, test: string): number {
    const hits = this.#known.coverage[test] ?? {};
    let sum = 0;
    for (let other = place - near; other <= place + near; other += 1) {
      if (String(other) in hits) {
        sum += 1 / ((this.#met.get(other) ?? 1) * (1 + Math.abs(other - place)));
      }
    }
    return sum;
  }
}
