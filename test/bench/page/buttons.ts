import { inTurn } from '../rounds.js';
import { frame, time } from './timing.js';

/** Measures for each markup the milliseconds from `innerHTML` of `count` copies until the next frame. */
export async function measureButtons<Name extends string>(
  markups: Record<Name, string>,
  options: { count: number; turn: number },
): Promise<Record<Name, number>> {
  const measured = {} as Record<Name, number>;
  const names = Object.keys(markups) as Name[];
  // A different markup goes first each time, because later ones benefit from a warm engine.
  for (const name of inTurn(names, options.turn)) {
    const host = document.createElement('div');
    document.body.append(host);
    const markup = markups[name].repeat(options.count);
    measured[name] = await time(() => {
      host.innerHTML = markup;
    });
    await waitForUpdate(host);
    host.remove();
    await frame();
  }
  return measured;
}

/** Rendering that finishes after the next frame must not slow down the next measurement. */
async function waitForUpdate(host: HTMLElement): Promise<void> {
  const { updateComplete } = host.lastElementChild as { updateComplete?: Promise<boolean> };
  await updateComplete;
}
