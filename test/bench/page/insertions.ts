import { time } from './timing.js';

/** Milliseconds to append `count` elements with a child, one at a time, until the next frame. */
export async function measureInsertions(count: number): Promise<number> {
  const host = document.createElement('div');
  document.body.append(host);
  const durationMs = await time(() => {
    for (let index = 0; index < count; index += 1) {
      const paragraph = document.createElement('p');
      paragraph.append(document.createElement('b'));
      host.append(paragraph);
    }
  });
  host.remove();
  return durationMs;
}
