export interface RoundLimits {
  /** How often it is measured. */
  rounds: number;
  /** After so many no more round is begun, once there are three. */
  seconds: number;
}

const fewest = 3;

/** The same ones, with another one first at each turn. */
export function inTurn<Item>(items: readonly Item[], turn: number): Item[] {
  const first = turn % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

/** Measures again and again, so that there is a middle and a spread. */
export class Rounds {
  readonly #limits: RoundLimits;
  readonly #progress: (text: string) => void;
  /** How many there have been at the last measurement. */
  count = 1;

  constructor(limits: RoundLimits, progress: (text: string) => void) {
    this.#limits = limits;
    this.#progress = progress;
  }

  /**
   * @param measure what is measured in one round. `turn` is one more each time: where several are measured in
   *   a round another one can begin, as the later ones have it warmer.
   * @param warming how many there are before, which are for the engine to get warm and are not counted.
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
    while (measured.length < rounds && (measured.length < fewest || performance.now() < end)) {
      this.#progress(`${title}round ${measured.length + 1} of ${rounds}`);
      measured.push(await measure(warming + measured.length));
    }
    this.count = measured.length;
    return measured;
  }
}
