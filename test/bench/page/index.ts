import { prepareButtons } from './buttons.js';
import { prepareInsertions } from './insertions.js';
import { prepareList } from './list.js';
import { untilVisible } from './opening.js';
import { settle, take } from './timing.js';

/** The bench's functions that run in its pages. */
const bench = { prepareButtons, prepareInsertions, prepareList, settle, take, untilVisible };

declare global {
  interface Window {
    bench: typeof bench;
  }
}

window.bench = bench;
