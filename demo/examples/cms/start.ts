import { once } from 'node:events';
import { startSandbox } from '../../sandbox/server.js';
import { shutdownSignal } from '../../app/start/shutdown-signal.js';
import { freePort } from '../../app/start/free-port.js';
import { buildScriptTag } from '../../app/start/build-script-tag.js';
import { readPage, settingsFor, startHost } from './host.js';
import { installedVersions, packages } from './wordpress/packages.js';
import { WordPressSite } from './wordpress/site.js';

/** Closed when the command ends. */
const running: { close(): Promise<void> }[] = [];

const ending = shutdownSignal(say);
const ended = once(ending, 'abort');

try {
  const addresses = await start();
  if (!ending.aborted) {
    for (const [name, address] of Object.entries(addresses)) say(`${name.padEnd(24)}${address}`);
    say('\nPress Ctrl+C to stop.');
    await ended;
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await Promise.all(running.map((part) => part.close()));
}
process.exit();

async function start(): Promise<Record<string, string>> {
  const versions = await installedVersions();
  if (!versions) {
    throw new Error(`Install some of Debian's packages first (see demo/examples/cms/README.md):
apt-get install --no-install-recommends ${packages.join(' ')}`);
  }
  await buildScriptTag(say);
  say(`Setting up ${versions}.`);
  const sandbox = await startSandbox();
  running.push(sandbox);
  const wordpress = await WordPressSite.start(await freePort('WordPress', 4010, say));
  running.push(wordpress);
  const host = await startHost(wordpress.origin, sandbox);
  running.push(host);
  const page = (name: string) => readPage(name, host, sandbox);
  await wordpress.addPlugin(settingsFor(host, sandbox));
  const custom = await wordpress.publish('admin', 'Custom HTML', await page('custom-html'));
  const filtered = await wordpress.publish('author', 'Filtered', await page('filtered'));
  return {
    'By an administrator': custom.address,
    'By an author': filtered.address,
    'Edit them': `${wordpress.origin}/wp-admin/ as admin or author, with the password demo`,
  };
}

function say(progress: string): void {
  console.log(progress);
}
