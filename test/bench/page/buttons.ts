import { inTurn } from '../rounds.js';
import { frame, time } from './timing.js';

/** Milliseconds from `innerHTML` of so many until the next frame, for each markup by its name. */
export async function measureButtons<Name extends string>(
  markups: Record<Name, string>,
  options: { count: number; turn: number },
): Promise<Record<Name, number>> {
  const measured = {} as Record<Name, number>;
  const names = Object.keys(markups) as Name[];
  // Another one begins each time, as those that come later have it warmer.
  for (const name of inTurn(names, options.turn)) {
    const host = document.createElement('div');
    document.body.append(host);
    const markup = markups[name].repeat(options.count);
    measured[name] = await time(() => {
      host.innerHTML = markup;
    });
    await isComplete(host);
    host.remove();
    await frame();
  }
  return measured;
}

/** What is rendered later than in the next frame has to be gone before the next one is measured. */
async function isComplete(host: HTMLElement): Promise<void> {
  const { updateComplete } = host.lastElementChild as { updateComplete?: Promise<boolean> };
  await updateComplete;
}
