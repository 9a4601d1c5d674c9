import type { CDPSession } from 'playwright-core';

/**
 * Opens and ends AuthKit as often as that: by a script, by the user, and by the user after a success, in
 * turns. In the page itself: a thousand openings from outside would
 * take minutes. As text, as it has named functions, to which tsx adds calls that the page knows nothing of.
 */
export const openMany = (times: number) => `(async () => {
  const button = document.querySelector('pica-connect-button');
  for (let opening = 0; opening < ${String(times)}; opening += 1) {
    const closed = button.open();
    const frame = document.querySelector('#event-link');
    const say = (message) => frame.contentWindow.postMessage({ puppet: 'say', message }, '*');
    while (button.status !== 'open') await new Promise((go) => setTimeout(go));
    const key = 'test::gmail::default::' + opening;
    const success = { messageType: 'LINK_SUCCESS', message: { key, platform: 'gmail' } };
    if (opening % 3 === 0) button.close();
    if (opening % 3 === 1) say({ messageType: 'EXIT_EVENT_LINK' });
    if (opening % 3 === 2) {
      const made = new Promise((go) => document.addEventListener('pica-success', go, { once: true }));
      say(success);
      await made;
      say({ messageType: 'EXIT_EVENT_LINK' });
    }
    await closed;
  }
})()`;

/** What the heap may grow by for each opening: it breathes by a hundred or two, and no object is that small. */
export const mostBytesPerOpening = 512;

export interface Counts {
  nodes: number;
  listeners: number;
  documents: number;
  frames: number;
  heap: number;
}

/** What a page holds, by a session for which `Performance` is enabled. */
export async function countObjects(debug: CDPSession): Promise<Counts> {
  // What has been let go of is collected in more than one round: frames first, then what they held.
  for (let round = 0; round < 5; round += 1) await debug.send('HeapProfiler.collectGarbage');
  const { metrics } = await debug.send('Performance.getMetrics');
  const of = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? NaN;
  return {
    nodes: of('Nodes'),
    listeners: of('JSEventListeners'),
    documents: of('Documents'),
    frames: of('Frames'),
    heap: of('JSHeapUsedSize'),
  };
}
