import { measureButtons } from './buttons.js';
import { measureInsertions } from './insertions.js';
import { measureList } from './list.js';
import { untilVisible } from './opening.js';

/** The bench's functions that run in its pages. */
const bench = { measureButtons, measureInsertions, measureList, untilVisible };

declare global {
  interface Window {
    bench: typeof bench;
  }
}

window.bench = bench;
