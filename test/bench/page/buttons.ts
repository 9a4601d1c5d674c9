import { setSteps } from './timing.js';

/** Gets steps ready that render `count` copies of each markup, by its name, and one that removes them: `end`. */
export function prepareButtons(markups: Record<string, string>, count: number): void {
  const host = document.createElement('div');
  document.body.append(host);
  const steps = Object.entries(markups).map(([name, markup]) => {
    const copies = markup.repeat(count);
    return [name, () => (host.innerHTML = copies)] as const;
  });
  setSteps({
    ...Object.fromEntries(steps),
    end() {
      const button = host.lastElementChild;
      if (button?.matches(':not(:defined)')) throw new Error(`${button.localName} is not defined.`);
      host.replaceChildren();
    },
  });
}
