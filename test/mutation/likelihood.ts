/** Where a mutant is. */
export interface Place {
  file: string;
  line: number;
}

interface Kill extends Place {
  test: string;
}

/** Seconds that the page of a test file takes before its first test. */
const pageStart = 1;

/** Which tests are likeliest to fail with a mutant, by those that have failed with others. */
export class Likelihood {
  readonly #kills: Kill[] = [];
  /** How often a test file was run for a source file, and how often one of its tests failed. */
  readonly #tried = new Map<string, { runs: number; kills: number }>();

  /** @param killer the test that failed. */
  note({ file, line }: Place, testFile: string, killer?: string): void {
    const tried = this.#triedOf(file, testFile);
    tried.runs += 1;
    if (killer === undefined) return;
    tried.kills += 1;
    this.#kills.push({ file, line, test: killer });
  }

  /** The files that the tests are in: first where most is to be expected for the time that they take. */
  sortFiles({ file }: Place, tests: string[], times: Record<string, number>): string[] {
    const seconds = new Map<string, number>();
    for (const test of tests) {
      const testFile = test.slice(0, test.indexOf(': '));
      seconds.set(testFile, (seconds.get(testFile) ?? pageStart) + (times[test] ?? 0) / 1000);
    }
    const promise = ([testFile, cost]: [string, number]): number => {
      const { runs, kills } = this.#triedOf(file, testFile);
      return (kills + (isAbout(testFile, file) ? 2 : 0.1)) / (runs + 2) / cost;
    };
    return [...seconds].sort((a, b) => promise(b) - promise(a)).map(([testFile]) => testFile);
  }

  /** Those of the tests that have failed with mutants of the same file, with the nearest ones first. */
  sortTests({ file, line }: Place, tests: string[]): string[] {
    const scores = new Map<string, number>();
    for (const kill of this.#kills) {
      if (kill.file !== file) continue;
      const score = 1 / (1 + Math.abs(kill.line - line));
      scores.set(kill.test, (scores.get(kill.test) ?? 0) + score);
    }
    const scoreOf = (test: string) => scores.get(test) ?? 0;
    return tests.filter((test) => scores.has(test)).sort((a, b) => scoreOf(b) - scoreOf(a));
  }

  #triedOf(file: string, testFile: string): { runs: number; kills: number } {
    const key = `${file} ${testFile}`;
    const tried = this.#tried.get(key) ?? { runs: 0, kills: 0 };
    this.#tried.set(key, tried);
    return tried;
  }
}

/** Whether their names have a word in common. */
function isAbout(testFile: string, file: string): boolean {
  const words = (path: string) => path.match(/[a-z]{4,}/g) ?? [];
  const named = new Set(words(testFile.replace(/\.test\.ts$/, '')));
  return words(file.replace(/^.*src\//, '').replace(/\.ts$/, '')).some((word) => named.has(word));
}
