import { startSandbox } from '../../sandbox/server.js';
import { buildScriptTag } from '../../app/start/build-script-tag.js';
import { freePort } from '../../app/start/free-port.js';
import { runUntilShutdown } from '../../app/start/run-until-shutdown.js';
import { readPage, settingsFor, startHost } from './host.js';
import { installedVersions, packages } from './wordpress/packages.js';
import { WordPressSite } from './wordpress/site.js';

await runUntilShutdown(async (running, report) => {
  const versions = await installedVersions();
  if (!versions) {
    throw new Error(`Install some of Debian's packages first (see demo/examples/cms/README.md):
apt-get install --no-install-recommends ${packages.join(' ')}`);
  }
  await buildScriptTag(report);
  report(`Setting up ${versions}.`);
  const sandbox = await startSandbox();
  running.push(sandbox);
  const wordpress = await WordPressSite.start(await freePort('WordPress', 4010, report));
  running.push(wordpress);
  const host = await startHost(wordpress.origin, sandbox);
  running.push(host);
  const page = (name: string) => readPage(name, host, sandbox);
  await wordpress.addPlugin(settingsFor(host, sandbox));
  const custom = await wordpress.publish('admin', 'Custom HTML', await page('custom-html'));
  const filtered = await wordpress.publish('author', 'Filtered', await page('filtered'));
  const addresses = {
    'By an administrator': custom.address,
    'By an author': filtered.address,
    'Edit them': `${wordpress.origin}/wp-admin/ as admin or author, with the password demo`,
  };
  const lines = Object.entries(addresses).map(([name, address]) => name.padEnd(24) + address);
  return `${lines.join('\n')}\n\nPress Ctrl+C to stop.`;
});
