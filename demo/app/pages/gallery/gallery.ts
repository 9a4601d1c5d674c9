import { examples } from '../settings/examples.js';
import { loadElements, startSandbox } from '../../../sandbox/browser/start.js';

const siblingUrl = (path: string) => new URL(path, document.baseURI).href;

/** Set once this browser has the examples, so that deleted ones don't come back. */
const seededKey = 'pica-connect-gallery-seeded';

/** One example for each state. */
const shownNames = ['Test account', 'sales@lumen.example', 'Handbook', 'Europe', 'Archive'];

// The elements send requests as soon as they are defined, so the sandbox has to run first.
await startSandbox(new URL(siblingUrl('sandbox.js')));
if (!localStorage.getItem(seededKey)) await seed();
for (const element of document.querySelectorAll('pica-connect-button, pica-connections-list')) {
  element.setAttribute('base-url', siblingUrl('authkit.html'));
}
await loadElements(new URL(siblingUrl('pica-connect/pica-connect.min.js')));

async function seed(): Promise<void> {
  for (const [platform, state, name = '', environment] of examples) {
    if (!shownNames.includes(name)) continue;
    const connection_key = `${environment}::${platform}::example::${name}|visitor`;
    const body = JSON.stringify({ platform, state, name, environment, connection_key });
    const headers = { 'content-type': 'application/json' };
    await fetch(siblingUrl('api/connections'), { method: 'POST', headers, body });
  }
  localStorage.setItem(seededKey, 'true');
}
