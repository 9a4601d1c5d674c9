import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { engines } from '../runner/browsers.js';
import { recording, SplitSite } from './split-site.js';

/* pica-connect.min.js without the files that lie next to it in the package. */

const built = 'dist/pica-connect.min.js';
const button = `document.querySelector('pica-connect-button')`;
const record = `{ key: 'live::gmail::default::1', platform: 'gmail', environment: 'live' }`;

for (const engine of engines) {
  describe(`in ${engine}, the one-file build alone connects an account`, () => {
    let split: SplitSite;

    before(async () => {
      split = await SplitSite.start(engine);
    });
    after(() => split.close());

    const connect = async (address: string): Promise<void> => {
      await split.visit(address);
      await split.click(button);
      await split.until(`${button}.status === 'open'`);
      for (const message of [
        `{ messageType: 'LINK_SUCCESS', message: ${record} }`,
        `{ messageType: 'EXIT_EVENT_LINK' }`,
      ])
        await split.evaluate(
          `void document.querySelector('#event-link').contentWindow.postMessage({ puppet: 'post', message: ${message} }, '*')`,
        );
      await split.until(`recorded.includes('close user')`);
      assert.deepEqual(await split.evaluate('recorded'), [
        ...['open', 'clicked, loading', 'success', 'close user'],
      ]);
    };

    it('from a folder of the host', async () => {
      const script = '/alone/pica-connect.min.js';
      split.site.addFiles([[script, await readFile(built)]]);
      await connect(split.page({ script }));
    });

    it('in a page from file:', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'copied-script-'));
      try {
        const page = join(folder, 'page.html');
        await cp(built, join(folder, 'pica-connect.min.js'));
        await writeFile(
          page,
          `<!doctype html><script src="pica-connect.min.js"></script>${split.button}<script>${recording}</script>`,
        );
        await connect(pathToFileURL(page).href);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  });
}
