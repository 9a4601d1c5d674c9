import type { CDPSession } from 'playwright-core';

/**
 * A script that opens and closes AuthKit many times: closed by a script, by the user, and by the user after a success,
 * in turn. It runs in the page, because a thousand openings driven from outside would take minutes. It is text, because
 * tsx adds helpers to named functions that the page lacks.
 */
export const openMany = (times: number) => `(async () => {
  const button = document.querySelector('pica-connect-button');
  for (let opening = 0; opening < ${String(times)}; opening += 1) {
    const closed = button.open();
    const post = (message) => document.querySelector('#event-link').contentWindow.postMessage({ puppet: 'post', message }, '*');
    while (button.status !== 'open') await new Promise((resolve) => setTimeout(resolve));
    const key = 'test::gmail::default::' + opening;
    const success = { messageType: 'LINK_SUCCESS', message: { key, platform: 'gmail' } };
    if (opening % 3 === 0) button.close();
    if (opening % 3 === 1) post({ messageType: 'EXIT_EVENT_LINK' });
    if (opening % 3 === 2) {
      const succeeded = new Promise((resolve) => document.addEventListener('pica-success', resolve, { once: true }));
      post(success);
      await succeeded;
      post({ messageType: 'EXIT_EVENT_LINK' });
    }
    await closed;
  }
})()`;

/** Allowed heap growth per opening. The size varies by 100 to 200 bytes; a leaked object takes more than this. */
export const maxBytesPerOpening = 512;

export interface Counts {
  nodes: number;
  listeners: number;
  documents: number;
  frames: number;
  heap: number;
}

/** Counts a page's objects. `Performance` must be enabled in the session. */
export async function countObjects(debug: CDPSession): Promise<Counts> {
  // Collection takes several rounds: frames first, then the objects that they held.
  for (let round = 0; round < 5; round += 1) await debug.send('HeapProfiler.collectGarbage');
  const { metrics } = await debug.send('Performance.getMetrics');
  const valueOf = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? NaN;
  return {
    nodes: valueOf('Nodes'),
    listeners: valueOf('JSEventListeners'),
    documents: valueOf('Documents'),
    frames: valueOf('Frames'),
    heap: valueOf('JSHeapUsedSize'),
  };
}
