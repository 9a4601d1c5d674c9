import { setSteps } from './timing.js';

/** Gets a step ready that appends `count` elements with a child, one at a time: `insert`, and then `end`. */
export function prepareInsertions(count: number): void {
  const host = document.createElement('div');
  document.body.append(host);
  setSteps({
    insert() {
      for (let index = 0; index < count; index += 1) {
        const paragraph = document.createElement('p');
        paragraph.append(document.createElement('b'));
        host.append(paragraph);
      }
    },
    end: () => {
      host.replaceChildren();
    },
  });
}
