import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { engines } from '../runner/browsers.js';
import { SplitSite } from './split-site.js';

/*
 * The part of the package that opens AuthKit is not there yet when the user clicks, or can't be had. Real clicks, in
 * pages of a host who bundles the package with code splitting.
 */

const button = `document.querySelector('pica-connect-button')`;
const recorded = `window.recorded`;
const frames = `document.querySelectorAll('#event-link').length`;
const message = `${button}.shadowRoot.querySelector('[role="status"]').textContent.replace(/\\s+/g, ' ').trim()`;
const retry = `${button}.shadowRoot.querySelector('[role="status"] button')`;

for (const engine of engines) {
  describe(`in ${engine}, a click before the part that opens AuthKit has loaded`, () => {
    let split: SplitSite;

    before(async () => {
      split = await SplitSite.start(engine);
    });
    afterEach(() => {
      split.site.reset();
    });
    after(() => split.close());

    const visit = async (): Promise<void> => {
      split.site.setFault(split.build.opener, 'hold');
      await split.visit();
    };
    const clickAndWait = async (): Promise<void> => {
      await split.click(button);
      await split.untilRequested(split.build.opener);
    };
    const release = () => {
      split.site.setFault(split.build.opener);
    };

    it('opens AuthKit once, however often the user clicks', async () => {
      await visit();
      await clickAndWait();
      await split.click(button);
      assert.deepEqual(await split.evaluate(recorded), [
        'open',
        'clicked, loading',
        'clicked, loading',
      ]);
      assert.equal(await split.evaluate(`${button}.getAttribute('status')`), 'loading');
      release();
      await split.until(`${button}.status === 'open'`);
      assert.equal(await split.evaluate(frames), 1);
      assert.equal(await split.evaluate(`recorded.length`), 3);
    });

    it('opens AuthKit although the button is disabled meanwhile', async () => {
      await visit();
      await clickAndWait();
      await split.evaluate(`void (${button}.disabled = true)`);
      release();
      await split.until(`${button}.status === 'open'`);
    });

    for (const [what, end, reason] of [
      ['close()', `${button}.close()`, 'api'],
      ['its removal', `(window.removed = ${button}).remove()`, 'removed'],
    ] as const) {
      it(`opens nothing after ${what}, until the user clicks again`, async () => {
        await visit();
        await clickAndWait();
        await split.evaluate(`void (window.opening = ${button}.open())`);
        await split.evaluate(`void ${end}`);
        assert.equal(await split.evaluate('opening'), null);
        const expected = ['open', 'clicked, loading', `close ${reason}`];
        assert.deepEqual(await split.evaluate(recorded), expected);
        release();
        await split.evaluate(`window.removed && document.body.append(removed)`);
        await split.click(button);
        await split.until(`${button}.status === 'open'`);
        assert.equal(await split.evaluate(frames), 1);
        assert.deepEqual(await split.evaluate(recorded), [...expected, 'open', 'clicked, loading']);
      });
    }
  });

  describe(`in ${engine}, a click when the part that opens AuthKit can't be had`, () => {
    let split: SplitSite;

    before(async () => {
      split = await SplitSite.start(engine);
    });
    afterEach(() => {
      split.site.reset();
    });
    after(() => split.close());

    for (const fault of [404, 500, 'drop'] as const) {
      it(`reports it once, and the user can try again (${fault})`, async () => {
        split.site.setFault(split.build.opener, 'hold');
        await split.visit();
        await split.click(button);
        await split.untilRequested(split.build.opener);
        await split.evaluate(`void (window.opening = ${button}.open())`);
        // Only text that arrives in a live region later is announced.
        assert.equal(await split.evaluate(message), '');
        split.site.setFault(split.build.opener, fault);
        assert.equal(await split.evaluate('opening'), null);
        const failed = ['open', 'clicked, loading', 'files-unavailable', 'close error'];
        assert.deepEqual(await split.evaluate(recorded), failed);
        assert.equal(await split.evaluate(`${button}.status`), 'idle');
        assert.equal(
          await split.evaluate(message),
          'This could not be opened. Reloading the page may help. Retry',
        );

        await split.click(retry);
        await split.until(`recorded.length === 8`);
        assert.deepEqual(await split.evaluate(recorded), [...failed, ...failed]);

        split.site.setFault(split.build.opener);
        await split.click(retry);
        await split.until(`${button}.status === 'open'`);
        assert.equal(await split.evaluate(message), '');
        assert.equal(await split.evaluate(frames), 1);
      });
    }

    it('is said in a list, where the same click works later', async () => {
      split.site.setFault(split.build.opener, 'drop');
      const { endpoints } = split.servers.origins;
      const markup = `<pica-connections-list ${split.attributes} integrations-url="${endpoints}/scope/integrations"></pica-connections-list>`;
      await split.visit(split.page({ markup }));
      const list = `document.querySelector('pica-connections-list')`;
      const connect = `${list}.shadowRoot.querySelector('[data-action="connect"]')`;
      const alert = `${list}.shadowRoot.querySelector('[role="alert"]')?.textContent.trim()`;
      await split.until(connect);
      await split.click(connect);
      await split.until(`recorded.includes('close error')`);
      await split.until(alert);
      assert.equal(
        await split.evaluate(alert),
        'This could not be opened. Reloading the page may help.',
      );
      split.site.setFault(split.build.opener);
      await split.click(connect);
      await split.until(`${frames} === 1`);
      assert.equal(await split.evaluate(`${alert} ?? null`), null);
      const opened = ['open', 'clicked, undefined'];
      assert.deepEqual(await split.evaluate(recorded), [
        ...opened,
        ...['files-unavailable', 'close error'],
        ...opened,
      ]);
    });
  });
}
