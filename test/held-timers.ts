const set = window.setTimeout.bind(window);
const clear = window.clearTimeout.bind(window);
let held = new Map<number, { run: () => void; seconds: number }>();
let lastId = -1;

afterEach(() => {
  Object.assign(window, { setTimeout: set, clearTimeout: clear });
  held = new Map();
});

/** From now on, what is to come after a second to ten waits until the test lets it come. */
export const holdTimers = (): void => {
  window.setTimeout = ((run: () => void, milliseconds = 0) => {
    if (milliseconds < 500 || milliseconds > 10_000) return set(run, milliseconds);
    lastId -= 1;
    held.set(lastId, { run, seconds: Math.round(milliseconds / 1000) });
    return lastId;
  }) as typeof window.setTimeout;
  window.clearTimeout = ((id: number) => {
    if (!held.delete(id)) clear(id);
  }) as typeof window.clearTimeout;
};

/** After how many seconds the timers that are held would come. */
export const heldTimers = (): number[] => [...held.values()].map(({ seconds }) => seconds);

/** Lets the timer that is held come. */
export const runHeldTimer = (): void => {
  const [first] = held;
  if (!first) throw new Error('No timer is held');
  held.delete(first[0]);
  first[1].run();
};
