import { time } from './timing.js';

/** Milliseconds for so many elements, each with one in it and put into the page by itself, until the next frame. */
export async function measureInsertions(count: number): Promise<number> {
  const host = document.createElement('div');
  document.body.append(host);
  const milliseconds = await time(() => {
    for (let index = 0; index < count; index += 1) {
      const paragraph = document.createElement('p');
      paragraph.append(document.createElement('b'));
      host.append(paragraph);
    }
  });
  host.remove();
  return milliseconds;
}
