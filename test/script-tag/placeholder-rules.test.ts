import { expect } from '@open-wc/testing';
import type { PicaConnectButton } from '../../src/classes.js';
import { stage, until } from '../fixtures/elements.js';
import { file, allowing, gmail, openPage, one, buttonIn, nextTask } from '../fixtures/cms-page.js';

describe('a placeholder written by an untrusted visitor', () => {
  const evil = 'https://evil.example';
  const api = 'https://api.example.com';

  /** What the placeholder in a page has become: the addresses of its button, or undefined where it is text. */
  const fate = async (attributes: string, head: string) => {
    const { body, window } = await openPage(
      `<div data-pica-connect="button" ${attributes}>Connect</div>`,
      head,
    );
    const button = body.querySelector<PicaConnectButton>('pica-connect-button');
    await button?.updateComplete;
    expect(one(body, 'div').textContent).to.equal('Connect');
    return { button, body, window, said: window.said };
  };

  it('stays text unless the script tag has data-placeholders, and the console says once what to write', async () => {
    const tag = `<script src="${file}" data-token-url="${api}/token"></script>`;
    const { body, window } = await openPage(gmail + gmail, tag);
    await until(() => window.said.length > 0);
    body.insertAdjacentHTML('beforeend', gmail);
    await nextTask();
    expect(body.querySelector('pica-connect-button')).to.equal(null);
    expect(window.said).to.have.length(1);
    expect(window.said[0]).to.match(
      /Placeholders stay text\. .* the script tag, as data-placeholders="/,
    );
  });

  it('stays text, and nothing is said, in a page without any and without data-placeholders', async () => {
    const { window } = await openPage('', `<script src="${file}"></script>`);
    await nextTask();
    expect(window.said).to.deep.equal([]);
  });

  it('is filled with data-placeholders="", with the addresses of the page and of no other', async () => {
    const head = allowing('', `data-token-url="${api}/token"`);
    expect((await fate('', head)).button?.tokenUrl).to.equal(`${api}/token`);
    const own = await fate(
      `data-connections-url="${api}/c" data-base-url="https://authkit.picaos.com/x"`,
      head,
    );
    expect(own.button?.connectionsUrl).to.equal(`${api}/c`);
    expect((await fate(`data-connections-url="/c"`, head)).button).to.equal(null);
  });

  for (const list of [api, `  ${api}  self `, `self\n${api}/`, api.toUpperCase(), `${api}:443`]) {
    it(`may lead to the origins in data-placeholders=${JSON.stringify(list)}`, async () => {
      const address = `HTTPS://API.example.com:443/token`;
      const { button, said } = await fate(`data-token-url="${address}"`, allowing(list));
      expect(button?.tokenUrl).to.equal(`${api}/token`);
      expect(said).to.deep.equal([]);
    });
  }

  for (const word of [
    'api.example.com',
    '*',
    'https://*',
    `${api}/api`,
    "'self'",
    'null',
    'true',
    'data:,',
  ]) {
    it(`may lead nowhere by data-placeholders="${word}", and the console says what it led to`, async () => {
      for (const address of [`${api}/token`, '/token']) {
        const { button, said } = await fate(`data-token-url="${address}"`, allowing(word));
        expect(button?.localName).to.equal(undefined);
        expect(said[0]).to.match(/its data-token-url leads to https?:.* data-placeholders/);
      }
    });
  }

  for (const address of [
    `${evil}/x`,
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
    // To a script a space, and to a browser a letter of a path: "self" would have let it through.
    '\u00a0https://evil.example/x',
    '\ufeffhttps://evil.example/x',
  ]) {
    it(`stays text with an address of ${JSON.stringify(address)}`, async () => {
      const text = address.replaceAll('"', '&quot;');
      const names = ['token-url', 'connections-url', 'integrations-url', 'base-url', 'image-url'];
      const divs = names.map(
        (name) => `<div data-pica-connect="list" data-${name}="${text}">x</div>`,
      );
      const { body, window } = await openPage(divs.join(''), allowing(api));
      expect(body.querySelector('pica-connections-list')).to.equal(null);
      expect(body.textContent.trim()).to.equal('xxxxx');
      expect(window.said).to.have.length(names.length);
      for (const name of names) expect(window.said.join()).to.contain(`its data-${name} leads to`);
    });
  }

  it('leads to where its address was looked at, not to what a script would read in it', async () => {
    const { button } = await fate(
      'data-token-url="\u00a0https://evil.example/x"',
      allowing('self'),
    );
    // The space is taken off where the token is asked for.
    expect(new URL(button?.tokenUrl?.trim() ?? '').origin).to.equal(location.origin);
  });

  it('leads to where it was looked at also when the base of the page changes', async () => {
    const { button, body } = await fate('data-token-url="token"', allowing('self'));
    body.insertAdjacentHTML('beforeend', `<base href="${evil}/">`);
    expect(new URL(button?.tokenUrl ?? '', body.baseURI).origin).to.equal(location.origin);
  });

  it('goes by the real base of the page, and is filled, whatever ids and names are in it', async () => {
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
    const { window } = await openPage(`${images.join('')}${form}${gmail}`, allowing('', 'defer'));
    const query = (selector: string) => {
      const find: (selector: string) => NodeListOf<HTMLElement> = Reflect.get(
        window.Element.prototype,
        'querySelectorAll',
      );
      return Reflect.apply(find, one(window.document, 'html'), [selector]);
    };
    await until(() => query('div > pica-connect-button').length === 1);
    expect(window.PicaConnect).to.have.property('configure');
    expect(query('form pica-connect-button').length).to.equal(0);
    query('form')[0]?.insertAdjacentHTML('afterend', form + gmail);
    await until(() => query('div > pica-connect-button').length === 2);
  });

  it('stops no other, whatever is in it', async () => {
    const fields = ['getAttribute', 'setAttribute', 'slot'].map((name) => `<input name="${name}">`);
    const form = `<form data-slot="icon">${fields.join('')}</form>`;
    const { body, window } = await openPage(
      `<div data-pica-connect="button" id="first">${form}</div>${gmail}`,
      allowing(''),
    );
    expect(body.querySelectorAll('div > pica-connect-button').length).to.equal(2);
    const { assignedSlot } = one(body, '#first form');
    expect(assignedSlot?.name).to.equal('icon');
    window.PicaConnect?.configure({ companyName: 'Example' });
    expect((await buttonIn(body)).companyName).to.equal('Example');
  });

  it('stops neither the others nor configure() when it cannot be filled', async () => {
    const { body, window } = await openPage(gmail, allowing(''));
    const stubborn = body.ownerDocument.createElement('div');
    stubborn.dataset.picaConnect = 'button';
    stubborn.replaceChildren = () => {
      throw new Error('no');
    };
    body.prepend(stubborn);
    body.insertAdjacentHTML('beforeend', gmail);
    await nextTask();
    expect(body.querySelectorAll('div > pica-connect-button').length).to.equal(2);
    window.PicaConnect?.configure({ companyName: 'Example' });
    expect(window.said).to.deep.equal(['pica-connect: A placeholder stays text: Error: no']);
  });

  it('is refused in a page that cannot have an origin, also with self', async () => {
    const frame = document.createElement('iframe');
    frame.title = 'Sandboxed';
    frame.sandbox.add('allow-scripts');
    frame.srcdoc = `${allowing('self')}<div data-pica-connect="button" data-token-url="data:,x">x</div>
      <script>addEventListener('load', () => setTimeout(() =>
        parent.postMessage({ filled: document.querySelectorAll('pica-connect-button').length }, '*')))</script>`;
    const heard = new Promise<MessageEvent<{ filled: number }>>((resolve) => {
      window.addEventListener('message', (event: MessageEvent<{ filled: number }>) => {
        if (event.source === frame.contentWindow) resolve(event);
      });
    });
    stage.append(frame);
    expect((await heard).data.filled).to.equal(0);
  });

  describe('in a page that gives all elements their headers', () => {
    const headers = `data-token-headers='{"authorization":"Bearer page"}'`;
    const page = allowing('https://listed.example', `data-token-url="${api}/token" ${headers}`);

    it('has them at the very address of the page', async () => {
      const { button } = await fate('data-token-url="HTTPS://API.example.com/token"', page);
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
      it(`does not send them to another path: a ${name}, with ${options} on the script tag`, async () => {
        for (const origins of ['', `${api} https://authkit.picaos.com`]) {
          const { button } = await fate(`data-${name}="${path}"`, allowing(origins, options));
          expect(button?.localName).to.equal(undefined);
        }
      });
    }

    it('may read what can be connected at the origin of the page’s addresses, and nowhere else', async () => {
      const head = allowing('', `data-connections-url="${api}/c" ${requestHeaders}`);
      const listIn = async (address: string) => {
        const markup = `<div data-pica-connect="list" data-integrations-url="${address}"></div>`;
        return (await openPage(markup, head)).body.querySelector('pica-connections-list');
      };
      expect((await listIn(`${api}/x`))?.integrationsUrl).to.equal(`${api}/x`);
      expect(await listIn(`${evil}/x`)).to.equal(null);
    });

    it('names no other address where the page has one, also without headers', async () => {
      const head = allowing(api, `data-connections-url="${api}/connections"`);
      expect((await fate(`data-connections-url="${api}/x"`, head)).button?.localName).to.equal(
        undefined,
      );
      const { button } = await fate(`data-connections-url="${api}/connections"`, head);
      expect(button?.connectionsUrl).to.equal(`${api}/connections`);
    });

    for (const attribute of ['token-url', 'base-url']) {
      for (const origin of [evil, 'https://listed.example']) {
        it(`stays text with a ${attribute} of ${origin}`, async () => {
          expect((await fate(`data-${attribute}="${origin}/x"`, page)).button).to.equal(null);
        });
      }
    }

    it('does not choose where AuthKit is among the addresses that are no AuthKit of the page', async () => {
      expect((await fate(`data-base-url="${api}/uploads/page"`, page)).button).to.equal(null);
    });

    it('sends none of them to a list at another origin, as no element does', async () => {
      const { button } = await fate('data-connections-url="https://listed.example/c"', page);
      expect(button?.requestHeaders).to.equal(null);
      const own = allowing(
        'https://listed.example',
        `data-connections-url="${api}/c" data-request-headers='{"authorization":"Bearer page"}'`,
      );
      expect((await fate('data-connections-url="https://listed.example/c"', own)).button).to.equal(
        null,
      );
    });

    it('does not put its own in their place: the account would be connected for whoever wrote it', async () => {
      const author = `data-token-headers='{"authorization":"Bearer author"}' data-request-headers='{"a":"b"}'`;
      const { button, said } = await fate(author, page);
      expect(button?.tokenHeaders).to.deep.equal({ authorization: 'Bearer page' });
      expect(button?.requestHeaders).to.equal(null);
      expect(said).to.have.length(2);
    });

    it('loses its own when the page sets them later', async () => {
      const author = `data-token-headers='{"authorization":"Bearer author"}'`;
      const { button, window } = await fate(author, allowing('', `data-token-url="${api}/token"`));
      expect(button?.tokenHeaders).to.deep.equal({ authorization: 'Bearer author' });
      window.PicaConnect?.configure({ tokenHeaders: { authorization: 'Bearer page' } });
      expect(button?.tokenHeaders).to.deep.equal({ authorization: 'Bearer page' });
    });
  });

  it('does not say whose unsaved connections are sent, nor what a form submits', async () => {
    const { button, said } = await fate(
      'data-identity="ada" data-value="live::gmail::x"',
      allowing(''),
    );
    expect([button?.identity, button?.value]).to.deep.equal([null, '']);
    expect(said).to.have.length(2);
    const page = await fate('data-identity="eve"', allowing('', 'data-identity="ada"'));
    expect(page.button?.identity).to.equal('ada');
  });

  for (const tag of ['html', 'head', 'body']) {
    it(`does not put the page into an element by the attributes of a second <${tag}>`, async () => {
      const { body, window } = await openPage(
        `<${tag} data-pica-connect="list"><p>Post</p>${gmail}`,
        allowing(''),
      );
      // A parser gives the page's own element what a second <html> or <body> has.
      one(window.document, tag).dataset.picaConnect = 'list';
      await nextTask();
      expect(window.document.querySelectorAll('pica-connections-list').length).to.equal(0);
      expect(body.querySelectorAll('pica-connect-button').length).to.equal(1);
    });
  }

  it('says by an empty address that there is none, and AuthKit is where it usually is', async () => {
    const head = allowing('', `data-connections-url="${api}/c" data-base-url="${api}/authkit"`);
    const { button } = await fate('data-connections-url="" data-base-url=" "', head);
    expect([button?.connectionsUrl, button?.baseUrl]).to.deep.equal(['', `${api}/authkit`]);
  });

  it('says no to what the page says yes to by "false"', async () => {
    const head = allowing('', 'data-debug data-show-name-input');
    const { button } = await fate('data-debug="false" data-show-name-input="false"', head);
    expect([button?.debug, button?.showNameInput]).to.deep.equal([false, false]);
  });

  it('is text again, before its element hears of it, when an address becomes one that it may not have', async () => {
    const { button, body, window } = await fate(`data-token-url="${api}/token"`, allowing(api));
    const heard: unknown[] = [];
    new window.MutationObserver((records) => heard.push(...records)).observe(button as Node, {
      attributes: true,
    });
    const { dataset } = one(body, 'div');
    dataset.tokenUrl = `${evil}/token`;
    await nextTask();
    expect(body.querySelector('pica-connect-button')).to.equal(null);
    expect(one(body, 'div').textContent).to.equal('Connect');
    expect(button?.tokenUrl).to.equal(`${api}/token`);
    expect(heard).to.deep.equal([]);
    dataset.companyName = 'Example';
    await nextTask();
    expect(body.querySelector('pica-connect-button')).to.equal(null);
    expect(window.said).to.have.length(1);
  });

  it('is filled when its address becomes one that it may have', async () => {
    const { body } = await fate(`data-token-url="${evil}/token"`, allowing(api));
    one(body, 'div').dataset.tokenUrl = `${api}/token`;
    await nextTask();
    expect((await buttonIn(body)).tokenUrl).to.equal(`${api}/token`);
  });

  it('is looked at again when the page has other addresses', async () => {
    const { body, window } = await fate(`data-token-url="${api}/token"`, allowing(''));
    window.PicaConnect?.configure({ connectionsUrl: `${api}/connections` });
    const button = await buttonIn(body);
    expect(button.connectionsUrl).to.equal(`${api}/connections`);
    window.PicaConnect?.configure({ connectionsUrl: null });
    expect(body.querySelector('pica-connect-button')).to.equal(null);
    expect(one(body, 'div').textContent).to.equal('Connect');
  });

  it('is told of once for each reason, however many there are', async () => {
    const bad = `<div data-pica-connect="button" data-token-url="${evil}/1">x</div>`;
    const { window } = await openPage(bad + bad + bad.replace('/1', '/2'), allowing(''));
    expect(window.said).to.have.length(1);
    expect(window.said[0]).to.contain(evil);
  });

  it('fills the console with 20 lines at most, and none of them is long', async () => {
    const kinds = [
      `x${'x'.repeat(1000)}`,
      ...Array.from({ length: 30 }, (_, count) => `k${count}`),
    ];
    const divs = kinds.map((kind) => `<div data-pica-connect="${kind}"></div>`);
    const { window } = await openPage(divs.join(''), allowing(''));
    expect(window.said).to.have.length(20);
    expect(Math.max(...window.said.map(({ length }) => length))).to.be.lessThan(600);
  });
});
