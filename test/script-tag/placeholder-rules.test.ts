import { expect } from '@open-wc/testing';
import type { PicaConnectButton } from '../../src/classes.js';
import { stage, until } from '../fixtures/elements.js';
import {
  scriptPath,
  scriptTag,
  gmail,
  openPage,
  getElement,
  buttonIn,
  nextTask,
} from '../fixtures/cms-page.js';

describe('a placeholder written by an untrusted visitor', () => {
  const foreignOrigin = 'https://evil.example';
  const api = 'https://api.example.com';

  /** Opens a page with a placeholder, and returns its button. The button is null if the placeholder stayed text. */
  const openWithPlaceholder = async (attributes: string, head: string) => {
    const { body, window } = await openPage(
      `<div data-pica-connect="button" ${attributes}>Connect</div>`,
      head,
    );
    const button = body.querySelector<PicaConnectButton>('pica-connect-button');
    await button?.updateComplete;
    expect(getElement(body, 'div').textContent).to.equal('Connect');
    return { button, body, window, warnings: window.warnings };
  };

  it('stays text if the script tag lacks data-placeholders, with one warning', async () => {
    const tag = `<script src="${scriptPath}" data-token-url="${api}/token"></script>`;
    const { body, window } = await openPage(gmail + gmail, tag);
    await until(() => window.warnings.length > 0);
    body.insertAdjacentHTML('beforeend', gmail);
    await nextTask();
    expect(body.querySelector('pica-connect-button')).to.equal(null);
    expect(window.warnings).to.have.length(1);
    expect(window.warnings[0]).to.match(
      /Placeholders stay text\. .* the script tag, as data-placeholders="/,
    );
  });

  it('causes no warning if a page without placeholders lacks data-placeholders', async () => {
    const { window } = await openPage('', `<script src="${scriptPath}"></script>`);
    await nextTask();
    expect(window.warnings).to.deep.equal([]);
  });

  it('can use only the page’s own URLs with data-placeholders=""', async () => {
    const head = scriptTag('', `data-token-url="${api}/token"`);
    expect((await openWithPlaceholder('', head)).button?.tokenUrl).to.equal(`${api}/token`);
    const allowed = await openWithPlaceholder(
      `data-connections-url="${api}/c" data-base-url="https://authkit.picaos.com/x"`,
      head,
    );
    expect(allowed.button?.connectionsUrl).to.equal(`${api}/c`);
    expect((await openWithPlaceholder(`data-connections-url="/c"`, head)).button).to.equal(null);
  });

  for (const origins of [
    api,
    `  ${api}  self `,
    `self\n${api}/`,
    api.toUpperCase(),
    `${api}:443`,
  ]) {
    it(`can use URLs of the origins in data-placeholders=${JSON.stringify(origins)}`, async () => {
      const url = `HTTPS://API.example.com:443/token`;
      const { button, warnings } = await openWithPlaceholder(
        `data-token-url="${url}"`,
        scriptTag(origins),
      );
      expect(button?.tokenUrl).to.equal(`${api}/token`);
      expect(warnings).to.deep.equal([]);
    });
  }

  for (const invalidOrigin of [
    'api.example.com',
    '*',
    'https://*',
    `${api}/api`,
    "'self'",
    'null',
    'true',
    'data:,',
  ]) {
    it(`can use no URLs with data-placeholders="${invalidOrigin}", and the warning names its URL`, async () => {
      for (const url of [`${api}/token`, '/token']) {
        const { button, warnings } = await openWithPlaceholder(
          `data-token-url="${url}"`,
          scriptTag(invalidOrigin),
        );
        expect(button?.localName).to.equal(undefined);
        expect(warnings[0]).to.match(/its data-token-url leads to https?:.* data-placeholders/);
      }
    });
  }

  for (const url of [
    `${foreignOrigin}/x`,
    '//evil.example/x',
    '\\\\evil.example/x',
    '/\\evil.example/x',
    'https:evil.example',
    'https:/\\evil.example',
    ' \t\n//evil.example/x',
    'ht\ntps://evil.exa\tmple/x',
    `${api}@evil.example/x`,
    `https://user:secret@api.example.com/x`,
    'https://user@api.example.com/x',
    `${api}.evil.example/x`,
    `${api}:444/x`,
    'http://api.example.com/x',
    'https://аpi.example.com/x',
    'https://api.example.com./x',
    'https://[::1]/x',
    `blob:${api}/5d0c1f0e`,
    `filesystem:${api}/temporary/x`,
    'javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:application/json,[]',
    'about:blank',
    'file:///etc/passwd',
    'https://',
    'https://%',
    'ws://api.example.com/',
    // These are white space to scripts, but part of a path to browsers, so "self" would have allowed them.
    '\u00a0https://evil.example/x',
    '\ufeffhttps://evil.example/x',
  ]) {
    it(`stays text if its URL is ${JSON.stringify(url)}`, async () => {
      const text = url.replaceAll('"', '&quot;');
      const names = ['token-url', 'connections-url', 'integrations-url', 'base-url', 'image-url'];
      const divs = names.map(
        (name) => `<div data-pica-connect="list" data-${name}="${text}">x</div>`,
      );
      const { body, window } = await openPage(divs.join(''), scriptTag(api));
      expect(body.querySelector('pica-connections-list')).to.equal(null);
      expect(body.textContent.trim()).to.equal('xxxxx');
      expect(window.warnings).to.have.length(names.length);
      for (const name of names)
        expect(window.warnings.join()).to.contain(`its data-${name} leads to`);
    });
  }

  it('uses its URL as browsers resolve it, not as scripts would trim it', async () => {
    const { button } = await openWithPlaceholder(
      'data-token-url="\u00a0https://evil.example/x"',
      scriptTag('self'),
    );
    // The token request trims it.
    expect(new URL(button?.tokenUrl?.trim() ?? '').origin).to.equal(location.origin);
  });

  it('keeps its resolved URL when the page’s base changes', async () => {
    const { button, body } = await openWithPlaceholder('data-token-url="token"', scriptTag('self'));
    body.insertAdjacentHTML('beforeend', `<base href="${foreignOrigin}/">`);
    expect(new URL(button?.tokenUrl ?? '', body.baseURI).origin).to.equal(location.origin);
  });

  it('uses the page’s real base, whatever ids and names the page contains', async () => {
    const names = [
      'baseURI',
      'readyState',
      'PicaConnect',
      'addEventListener',
      'createElement',
      'contains',
      'querySelectorAll',
      'documentElement',
      'body',
      'currentScript',
      'scripts',
    ];
    const images = names.map((name) => `<img name="${name}" id="${name}" alt="">`);
    const fields = ['getAttribute', 'querySelectorAll', 'isContentEditable', 'childNodes'].map(
      (name) => `<input name="${name}">`,
    );
    const form = `<form data-pica-connect="button">${fields.join('')}</form>`;
    const { window } = await openPage(`${images.join('')}${form}${gmail}`, scriptTag('', 'defer'));
    const query = (selector: string) => {
      const find: (selector: string) => NodeListOf<HTMLElement> = Reflect.get(
        window.Element.prototype,
        'querySelectorAll',
      );
      return Reflect.apply(find, getElement(window.document, 'html'), [selector]);
    };
    await until(() => query('div > pica-connect-button').length === 1);
    expect(window.PicaConnect).to.have.property('configure');
    expect(query('form pica-connect-button').length).to.equal(0);
    query('form')[0]?.insertAdjacentHTML('afterend', form + gmail);
    await until(() => query('div > pica-connect-button').length === 2);
  });

  it('is filled together with others, even if its content shadows methods', async () => {
    const fields = ['getAttribute', 'setAttribute', 'slot'].map((name) => `<input name="${name}">`);
    const form = `<form data-slot="icon">${fields.join('')}</form>`;
    const { body, window } = await openPage(
      `<div data-pica-connect="button" id="first">${form}</div>${gmail}`,
      scriptTag(''),
    );
    expect(body.querySelectorAll('div > pica-connect-button').length).to.equal(2);
    const { assignedSlot } = getElement(body, '#first form');
    expect(assignedSlot?.name).to.equal('icon');
    window.PicaConnect?.configure({ companyName: 'Example' });
    expect((await buttonIn(body)).companyName).to.equal('Example');
  });

  it('that throws affects neither other placeholders nor configure()', async () => {
    const { body, window } = await openPage(gmail, scriptTag(''));
    const throwing = body.ownerDocument.createElement('div');
    throwing.dataset.picaConnect = 'button';
    throwing.replaceChildren = () => {
      throw new Error('no');
    };
    body.prepend(throwing);
    body.insertAdjacentHTML('beforeend', gmail);
    await nextTask();
    expect(body.querySelectorAll('div > pica-connect-button').length).to.equal(2);
    window.PicaConnect?.configure({ companyName: 'Example' });
    expect(window.warnings).to.deep.equal(['pica-connect: A placeholder stays text: Error: no']);
  });

  it('stays text in a page without an origin, even with self', async () => {
    const frame = document.createElement('iframe');
    frame.title = 'Sandboxed';
    frame.sandbox.add('allow-scripts');
    frame.srcdoc = `${scriptTag('self')}<div data-pica-connect="button" data-token-url="data:,x">x</div>
      <script>addEventListener('load', () => setTimeout(() =>
        parent.postMessage({ filled: document.querySelectorAll('pica-connect-button').length }, '*')))</script>`;
    const message = new Promise<MessageEvent<{ filled: number }>>((resolve) => {
      window.addEventListener('message', (event: MessageEvent<{ filled: number }>) => {
        if (event.source === frame.contentWindow) resolve(event);
      });
    });
    stage.append(frame);
    expect((await message).data.filled).to.equal(0);
  });

  describe('in a page with headers for all elements', () => {
    const headers = `data-token-headers='{"authorization":"Bearer page"}'`;
    const head = scriptTag('https://listed.example', `data-token-url="${api}/token" ${headers}`);

    it('uses the page’s headers if its URL equals the page’s', async () => {
      const { button } = await openWithPlaceholder(
        'data-token-url="HTTPS://API.example.com/token"',
        head,
      );
      expect(button?.tokenHeaders).to.deep.equal({ authorization: 'Bearer page' });
    });

    const requestHeaders = `data-request-headers='{"authorization":"Bearer page"}'`;
    for (const [name, path, options] of [
      ['token-url', `${api}/transfer?to=mallory`, `data-token-url="${api}/token" ${headers}`],
      ['token-url', `${api}/transfer?to=mallory`, headers],
      ['base-url', 'https://authkit.picaos.com/x', headers],
      ['connections-url', `${api}/x`, `data-connections-url="${api}/c" ${requestHeaders}`],
      ['connections-url', `${api}/x`, requestHeaders],
      ['connections-url', `${api}/x`, `data-token-url="${api}/token" ${headers}`],
    ] as const) {
      it(`never sends them to another path: ${name} with ${options} on the script tag`, async () => {
        for (const origins of ['', `${api} https://authkit.picaos.com`]) {
          const { button } = await openWithPlaceholder(
            `data-${name}="${path}"`,
            scriptTag(origins, options),
          );
          expect(button?.localName).to.equal(undefined);
        }
      });
    }

    it('can use any integrations-url on the origin of the page’s URLs, but no other', async () => {
      const head = scriptTag('', `data-connections-url="${api}/c" ${requestHeaders}`);
      const listIn = async (url: string) => {
        const markup = `<div data-pica-connect="list" data-integrations-url="${url}"></div>`;
        return (await openPage(markup, head)).body.querySelector('pica-connections-list');
      };
      expect((await listIn(`${api}/x`))?.integrationsUrl).to.equal(`${api}/x`);
      expect(await listIn(`${foreignOrigin}/x`)).to.equal(null);
    });

    it('can’t use another connections-url than the page’s, even without headers', async () => {
      const head = scriptTag(api, `data-connections-url="${api}/connections"`);
      expect(
        (await openWithPlaceholder(`data-connections-url="${api}/x"`, head)).button?.localName,
      ).to.equal(undefined);
      const { button } = await openWithPlaceholder(
        `data-connections-url="${api}/connections"`,
        head,
      );
      expect(button?.connectionsUrl).to.equal(`${api}/connections`);
    });

    for (const attribute of ['token-url', 'base-url']) {
      for (const origin of [foreignOrigin, 'https://listed.example']) {
        it(`stays text if its ${attribute} is on ${origin}`, async () => {
          expect(
            (await openWithPlaceholder(`data-${attribute}="${origin}/x"`, head)).button,
          ).to.equal(null);
        });
      }
    }

    it('can’t use a base-url that is not the page’s', async () => {
      expect(
        (await openWithPlaceholder(`data-base-url="${api}/uploads/page"`, head)).button,
      ).to.equal(null);
    });

    it('does not send them to a list’s endpoint on another origin', async () => {
      const { button } = await openWithPlaceholder(
        'data-connections-url="https://listed.example/c"',
        head,
      );
      expect(button?.requestHeaders).to.equal(null);
      const own = scriptTag(
        'https://listed.example',
        `data-connections-url="${api}/c" data-request-headers='{"authorization":"Bearer page"}'`,
      );
      expect(
        (await openWithPlaceholder('data-connections-url="https://listed.example/c"', own)).button,
      ).to.equal(null);
    });

    it('can’t replace them by its own, which would connect the account for its author', async () => {
      const author = `data-token-headers='{"authorization":"Bearer author"}' data-request-headers='{"a":"b"}'`;
      const { button, warnings } = await openWithPlaceholder(author, head);
      expect(button?.tokenHeaders).to.deep.equal({ authorization: 'Bearer page' });
      expect(button?.requestHeaders).to.equal(null);
      expect(warnings).to.have.length(2);
    });

    it('loses its own headers when the page sets them later', async () => {
      const author = `data-token-headers='{"authorization":"Bearer author"}'`;
      const { button, window } = await openWithPlaceholder(
        author,
        scriptTag('', `data-token-url="${api}/token"`),
      );
      expect(button?.tokenHeaders).to.deep.equal({ authorization: 'Bearer author' });
      window.PicaConnect?.configure({ tokenHeaders: { authorization: 'Bearer page' } });
      expect(button?.tokenHeaders).to.deep.equal({ authorization: 'Bearer page' });
    });
  });

  it('can’t set the identity, or a form value', async () => {
    const { button, warnings } = await openWithPlaceholder(
      'data-identity="ada" data-value="live::gmail::x"',
      scriptTag(''),
    );
    expect([button?.identity, button?.value]).to.deep.equal([null, '']);
    expect(warnings).to.have.length(2);
    const withIdentity = await openWithPlaceholder(
      'data-identity="eve"',
      scriptTag('', 'data-identity="ada"'),
    );
    expect(withIdentity.button?.identity).to.equal('ada');
  });

  for (const tag of ['html', 'head', 'body']) {
    it(`ignores the attributes of a second <${tag}>`, async () => {
      const { body, window } = await openPage(
        `<${tag} data-pica-connect="list"><p>Post</p>${gmail}`,
        scriptTag(''),
      );
      // Parsers add the attributes of a second <html> or <body> to the page's own element.
      getElement(window.document, tag).dataset.picaConnect = 'list';
      await nextTask();
      expect(window.document.querySelectorAll('pica-connections-list').length).to.equal(0);
      expect(body.querySelectorAll('pica-connect-button').length).to.equal(1);
    });
  }

  it('can clear connections-url, but not base-url, with an empty value', async () => {
    const head = scriptTag('', `data-connections-url="${api}/c" data-base-url="${api}/authkit"`);
    const { button } = await openWithPlaceholder('data-connections-url="" data-base-url=" "', head);
    expect([button?.connectionsUrl, button?.baseUrl]).to.deep.equal(['', `${api}/authkit`]);
  });

  it('can turn off the page’s options with "false"', async () => {
    const head = scriptTag('', 'data-debug data-show-name-input');
    const { button } = await openWithPlaceholder(
      'data-debug="false" data-show-name-input="false"',
      head,
    );
    expect([button?.debug, button?.showNameInput]).to.deep.equal([false, false]);
  });

  it('becomes text when its URL changes to a forbidden one, before its element gets the URL', async () => {
    const { button, body, window } = await openWithPlaceholder(
      `data-token-url="${api}/token"`,
      scriptTag(api),
    );
    const changes: unknown[] = [];
    new window.MutationObserver((records) => changes.push(...records)).observe(button as Node, {
      attributes: true,
    });
    const { dataset } = getElement(body, 'div');
    dataset.tokenUrl = `${foreignOrigin}/token`;
    await nextTask();
    expect(body.querySelector('pica-connect-button')).to.equal(null);
    expect(getElement(body, 'div').textContent).to.equal('Connect');
    expect(button?.tokenUrl).to.equal(`${api}/token`);
    expect(changes).to.deep.equal([]);
    dataset.companyName = 'Example';
    await nextTask();
    expect(body.querySelector('pica-connect-button')).to.equal(null);
    expect(window.warnings).to.have.length(1);
  });

  it('is filled when its URL changes to an allowed one', async () => {
    const { body } = await openWithPlaceholder(
      `data-token-url="${foreignOrigin}/token"`,
      scriptTag(api),
    );
    getElement(body, 'div').dataset.tokenUrl = `${api}/token`;
    await nextTask();
    expect((await buttonIn(body)).tokenUrl).to.equal(`${api}/token`);
  });

  it('is checked again when the page’s URLs change', async () => {
    const { body, window } = await openWithPlaceholder(
      `data-token-url="${api}/token"`,
      scriptTag(''),
    );
    window.PicaConnect?.configure({ connectionsUrl: `${api}/connections` });
    const button = await buttonIn(body);
    expect(button.connectionsUrl).to.equal(`${api}/connections`);
    window.PicaConnect?.configure({ connectionsUrl: null });
    expect(body.querySelector('pica-connect-button')).to.equal(null);
    expect(getElement(body, 'div').textContent).to.equal('Connect');
  });

  it('causes one warning for each reason', async () => {
    const placeholder = `<div data-pica-connect="button" data-token-url="${foreignOrigin}/1">x</div>`;
    const { window } = await openPage(
      placeholder + placeholder + placeholder.replace('/1', '/2'),
      scriptTag(''),
    );
    expect(window.warnings).to.have.length(1);
    expect(window.warnings[0]).to.contain(foreignOrigin);
  });

  it('causes at most 20 short warnings', async () => {
    const kinds = [
      `x${'x'.repeat(1000)}`,
      ...Array.from({ length: 30 }, (_, count) => `k${count}`),
    ];
    const divs = kinds.map((kind) => `<div data-pica-connect="${kind}"></div>`);
    const { window } = await openPage(divs.join(''), scriptTag(''));
    expect(window.warnings).to.have.length(20);
    expect(Math.max(...window.warnings.map(({ length }) => length))).to.be.lessThan(600);
  });
});
