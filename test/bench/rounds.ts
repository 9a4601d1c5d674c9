export interface RoundLimits {
  /** The number of rounds. */
  rounds: number;
  /** No round starts after this time, except that there are always at least three. */
  seconds: number;
}

const minRounds = 3;

/** Rotates the items, so that a different one is first at each turn. */
export function inTurn<Item>(items: readonly Item[], turn: number): Item[] {
  const first = turn % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

/** Repeats a measurement to get a median and a spread. */
export class Rounds {
  readonly #limits: RoundLimits;
  readonly #progress: (text: string) => void;
  /** The number of rounds of the last measurement. */
  count = 1;

  constructor(limits: RoundLimits, progress: (text: string) => void) {
    this.#limits = limits;
    this.#progress = progress;
  }

  /**
   * @param measure measures one round. `turn` increases each time. Use it to change the order within a round, because
   *   later measurements benefit from a warm engine.
   * @param warming the number of rounds that only warm up the engine and are not counted.
   */
  async measure<Round>(
    measure: (turn: number) => Promise<Round>,
    { warming = 1, title = '' } = {},
  ): Promise<Round[]> {
    const { rounds, seconds } = this.#limits;
    for (let turn = 0; turn < warming; turn += 1) {
      this.#progress(`${title}warming up`);
      await measure(turn);
    }
    const measured: Round[] = [];
    const end = performance.now() + seconds * 1000;
    while (measured.length < rounds && (measured.length < minRounds || performance.now() < end)) {
      this.#progress(`${title}round ${measured.length + 1} of ${rounds}`);
      measured.push(await measure(warming + measured.length));
    }
    this.count = measured.length;
    return measured;
  }
}
