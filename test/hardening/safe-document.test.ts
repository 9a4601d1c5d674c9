import { expect } from '@open-wc/testing';
import { nextEvent, part, stage, until } from '../fixtures/elements.js';
import { endpoints } from '../fixtures/servers/origins.js';
import {
  control,
  nextRequest,
  puppetUrl,
  requests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';

/*
 * Each test opens a page with relative URLs in a frame. The page is served from this origin, and visitors can write
 * into its body.
 */

const files = ['pica-connect.min.js', 'pica-connect.languages.js', 'locales/de.js'];

const html = { 'content-type': 'text/html' };
const javascript = { 'content-type': 'text/javascript' };

const openPage = async (scope: string, head: string, body: string): Promise<Document> => {
  const scripts = files.map(async (path) => {
    const text = await (await fetch(`/dist/${path}`)).text();
    return { path, method: 'GET', status: 200, headers: javascript, body: text };
  });
  const page = `<!doctype html><html lang="de"><head>${head}
    <script src="pica-connect.min.js" defer data-connections-url="connections"></script></head>
    <body>${body}
      <pica-connect-button token-url="token" token-headers='{"authorization":"Bearer s3cret"}'
        base-url="${puppetUrl(scope)}"></pica-connect-button>
      <pica-connections-list></pica-connections-list>
    </body></html>`;
  await control(scope, {
    behaviour: [
      ...(await Promise.all(scripts)),
      { path: 'page.html', method: 'GET', status: 200, headers: html, body: page },
    ],
  });
  const frame = document.createElement('iframe');
  frame.title = 'Host';
  frame.width = '800';
  frame.height = '600';
  frame.src = `/own/${scope}/page.html`;
  stage.append(frame);
  await nextEvent('load', frame);
  const inner = frame.contentDocument;
  if (!inner) throw new Error('The page has not loaded');
  return inner;
};

const label = (page: Document): string | undefined =>
  page.querySelector('pica-connect-button')?.shadowRoot?.querySelector('[part="label"]')
    ?.textContent;

describe('relative URLs', () => {
  it('ignore a <base> in the body, which a visitor may have written', async () => {
    const [ownScope, foreignScope] = [uniqueName(), uniqueName()];
    const page = await openPage(ownScope, '', `<base href="${endpoints}/${foreignScope}/" />`);
    await until(() => label(page)?.trim() === 'Verbinden');
    await nextRequest(ownScope, { method: 'GET', path: 'connections' });
    const button = page.querySelector('pica-connect-button');
    if (button) part(button, 'button').click();
    await nextRequest(ownScope, { method: 'POST', path: 'token' });
    expect(await requests(foreignScope)).to.deep.equal([]);
  });

  it('follow a <base> in the head, as links do', async () => {
    const [ownScope, baseScope] = [uniqueName(), uniqueName()];
    const head = `<script src="/dist/pica-connect.min.js" defer></script><base href="/own/${baseScope}/" />`;
    const page = await openPage(ownScope, head, '');
    await until(() => label(page) !== undefined);
    const button = page.querySelector('pica-connect-button');
    if (button) part(button, 'button').click();
    await nextRequest(baseScope, { method: 'POST', path: 'token' });
    expect((await requests(ownScope)).map(({ path }) => path)).to.not.contain('token');
  });
});
