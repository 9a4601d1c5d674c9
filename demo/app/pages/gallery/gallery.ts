import { examples } from '../settings/examples.js';
import { loadElements, startSandbox } from '../../../sandbox/browser/start.js';

const beside = (path: string) => new URL(path, document.baseURI).href;

/** Whether this browser has been given the examples; what a visitor takes away stays away. */
const seeded = 'pica-connect-gallery-seeded';

/** One in each state is enough to see. */
const shown = ['Test account', 'sales@lumen.example', 'Handbook', 'Europe', 'Archive'];

// The elements ask the sandbox as soon as they are elements.
await startSandbox(new URL(beside('sandbox.js')));
if (!localStorage.getItem(seeded)) await seed();
for (const element of document.querySelectorAll('pica-connect-button, pica-connections-list')) {
  element.setAttribute('base-url', beside('authkit.html'));
}
await loadElements(new URL(beside('pica-connect/pica-connect.min.js')));

async function seed(): Promise<void> {
  for (const [platform, state, name = '', environment] of examples) {
    if (!shown.includes(name)) continue;
    const connection_key = `${environment}::${platform}::example::${name}|visitor`;
    const body = JSON.stringify({ platform, state, name, environment, connection_key });
    const headers = { 'content-type': 'application/json' };
    await fetch(beside('api/connections'), { method: 'POST', headers, body });
  }
  localStorage.setItem(seeded, 'true');
}
