import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { engines, type Engine } from '../runner/browsers.js';
import { SplitSite } from './split-site.js';

/*
 * A frame too small for AuthKit needs a window for it. Popup blockers are on, and the part that opens AuthKit has not
 * loaded yet, so the window has to be opened before.
 */

const button = `frames[0].document.querySelector('pica-connect-button')`;
const recorded = `frames[0].recorded`;
const isWindowClosed = `frames[0].opened.closed`;

/** Records whether the browser opens windows. */
const watchedOpen = `<script>
  const { open } = window;
  window.open = (...options) => {
    window.opened = open(...options);
    window.recorded.push(window.opened ? 'window' : 'blocked');
    return window.opened;
  };
</script>`;

/** How each browser answers `window.open()` in a click, after a module has loaded that was not there before. */
const afterImport: Record<Engine, 'window' | 'blocked'> = {
  chromium: 'window',
  firefox: 'window',
  webkit: 'blocked',
};

for (const engine of engines) {
  describe(`in ${engine}, a button in a small frame`, () => {
    let split: SplitSite;

    before(async () => {
      split = await SplitSite.start(engine);
    });
    afterEach(() => {
      split.site.reset();
    });
    after(() => split.close());

    const visit = async (markup: string): Promise<void> => {
      const address = split.page({ markup });
      const embedder = split.site.add({
        markup: `<iframe src="${address}" width="300" height="200"></iframe>`,
      });
      await split.browser.visit(embedder);
      await split.until(`${button}?.hasUpdated`);
    };

    it('opens a window in the click, and AuthKit in it once its part has loaded', async () => {
      split.site.setFault(split.build.opener, 'hold');
      await visit(split.button + watchedOpen);
      await split.click(button, 'document.querySelector("iframe")');
      await split.untilRequested(split.build.opener);
      assert.deepEqual(await split.evaluate(recorded), ['open', 'window', 'clicked, loading']);
      split.site.setFault(split.build.opener);
      await split.until(`${button}.status === 'open'`);
      assert.equal(await split.evaluate(isWindowClosed), false);
      await split.evaluate(`void ${button}.close()`);
      await split.until(isWindowClosed);
    });

    it('closes the window if the part cannot be had', async () => {
      split.site.setFault(split.build.opener, 'hold');
      await visit(split.button + watchedOpen);
      await split.click(button, 'document.querySelector("iframe")');
      await split.untilRequested(split.build.opener);
      split.site.setFault(split.build.opener, 404);
      await split.until(`${recorded}.length === 5`);
      assert.deepEqual(await split.evaluate(recorded), [
        ...['open', 'window', 'clicked, loading'],
        ...['files-unavailable', 'close error'],
      ]);
      await split.until(isWindowClosed);
    });

    it('would not get a window without a click, as in any page', async () => {
      await visit(
        `${split.button}${watchedOpen}<script>setTimeout(() => window.open(''))</script>`,
      );
      await split.until(`${recorded}.length > 0`);
      assert.deepEqual(await split.evaluate(recorded), ['blocked']);
    });

    it(`would get ${afterImport[engine] === 'window' ? 'a window' : 'no window'} after an import`, async () => {
      split.site.setFault('/later.js', 'hold');
      const onClick = `import('/later.js').then(() => window.open(''))`;
      await visit(
        `<pica-connect-button disabled></pica-connect-button>${watchedOpen}
        <button onclick="${onClick}">Import</button>`,
      );
      await split.click(
        'frames[0].document.querySelector("button")',
        'document.querySelector("iframe")',
      );
      await split.untilRequested('/later.js');
      split.site.setFault('/later.js');
      await split.until(`${recorded}.length === 2`);
      assert.deepEqual(await split.evaluate(recorded), ['clicked, undefined', afterImport[engine]]);
    });
  });
}
