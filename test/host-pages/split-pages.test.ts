import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { engines } from '../runner/browsers.js';
import { buildSplit } from './split-build.js';
import { SplitSite } from './split-site.js';

/*
 * Pages that could keep the package from loading the part that opens AuthKit: it works, or the error says what is missing.
 */

const button = `document.querySelector('pica-connect-button')`;
const recorded = `window.recorded`;
const nonce = 'cjRuZDBt';

const policies = {
  'a nonce': `'nonce-${nonce}'`,
  "a nonce and 'strict-dynamic'": `'nonce-${nonce}' 'strict-dynamic'`,
  "a nonce and 'self'": `'nonce-${nonce}' 'self'`,
};

/** A service worker that keeps these files, and answers with them. */
const serviceWorker = (addresses: string[]) => `
  addEventListener('install', (event) => event.waitUntil(
    caches.open('1').then((cache) => cache.addAll(${JSON.stringify(addresses)}))
  ));
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('fetch', (event) => event.respondWith(
    caches.match(event.request).then((kept) => kept ?? fetch(event.request))
  ));`;

for (const engine of engines) {
  describe(`in ${engine}, the split package opens AuthKit`, () => {
    let split: SplitSite;

    before(async () => {
      split = await SplitSite.start(engine);
    });
    afterEach(() => {
      split.site.reset();
    });
    after(() => split.close());

    for (const [name, sources] of Object.entries(policies)) {
      it(`on a page that allows scripts with ${name} only`, async () => {
        const { endpoints, authkit } = split.servers.origins;
        const directives = {
          'default-src': "'none'",
          'script-src': sources,
          'frame-src': authkit,
          'connect-src': `${endpoints} ${authkit}`,
          'img-src': 'data:',
          'require-trusted-types-for': "'script'",
          'trusted-types': 'lit-html',
        };
        const policy = Object.entries(directives).map((directive) => directive.join(' '));
        const headers = { 'content-security-policy': policy.join('; ') };
        await split.visit(split.page({ nonce, headers }));
        await split.click(button);
        await split.until(`${button}.status === 'open'`);
        assert.deepEqual(await split.evaluate(recorded), ['open', 'clicked, loading']);
      });
    }

    it('after a reload, when the site was deployed anew while the page was open', async () => {
      const page = { script: split.build.entry };
      const address = split.page(page);
      await split.visit(address);
      const next = await buildSplit('2');
      split.site.addFiles(next.files);
      for (const path of split.build.files.keys()) split.site.setFault(path, 404);
      await split.click(button);
      await split.until(`recorded.includes('close error')`);
      assert.deepEqual(await split.evaluate(recorded), [
        ...['open', 'clicked, loading', 'files-unavailable', 'close error'],
      ]);
      page.script = next.entry;
      await split.browser.reload();
      await split.untilReady();
      await split.click(button);
      await split.until(`${button}.status === 'open'`);
    });

    for (const isKept of [true, false]) {
      const outcome = isKept ? 'and says that AuthKit' : 'or says that the part';
      it(`offline, ${outcome} cannot be reached`, async () => {
        const { hangsUp } = split.servers.origins;
        const markup = `<pica-connect-button token-url="${hangsUp}" base-url="${hangsUp}"></pica-connect-button>`;
        const address = split.page({ markup });
        const paths = [...split.build.files.keys()].filter(
          (path) => isKept || path !== split.build.opener,
        );
        const worker = `/worker-${String(isKept)}.js`;
        split.site.addFiles([[worker, Buffer.from(serviceWorker([address, ...paths]))]]);
        await split.visit(address);
        await split.evaluate(
          `navigator.serviceWorker.register('${worker}', { scope: '/' }).then(() => navigator.serviceWorker.ready).then(() => null)`,
        );
        split.site.isOffline = true;
        await split.browser.reload();
        await split.untilReady();
        await split.click(button);
        await split.until(`recorded.includes('close error')`);
        const [, , ...codes] = (await split.evaluate(recorded)) as string[];
        assert.equal(codes.includes('files-unavailable'), !isKept, String(codes));
        if (isKept) assert.ok(codes.includes('authkit-unreachable'), String(codes));
      });
    }
  });
}
