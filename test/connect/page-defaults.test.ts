import { expect } from '@open-wc/testing';
import { configure, type PageDefaults } from '../../src/index.js';
import {
  mount,
  mountButton,
  mountList,
  nextEvent,
  openAuthKit,
  stage,
  until,
} from '../fixtures/elements.js';
import { configure as configureInButtonEntry } from '../../src/button.js';
import { configure as configureInListEntry } from '../../src/list.js';
import * as classes from '../../src/classes.js';
import { add as addToOutbox } from '../../src/endpoints/outbox.js';
import { endpoints } from '../fixtures/servers/origins.js';
import { control, nextRequest, puppetUrl, uniqueName } from '../fixtures/servers/puppet-client.js';
import { nextLoad, noDefaults } from '../fixtures/page-defaults.js';

describe('configure()', () => {
  it('sets all options of existing and later elements', () => {
    const before = document.createElement('pica-connect-button');
    stage.append(before);
    const options = {
      tokenUrl: '/token',
      tokenHeaders: { authorization: 'Bearer 1' },
      connectionsUrl: '/connections',
      requestHeaders: () => ({ authorization: 'Bearer 2' }),
      identity: 'ada',
      outbox: 'off',
      tokenCheck: 'off',
      debug: true,
      baseUrl: 'https://authkit.example',
      appTheme: 'dark',
      modalTitle: 'Title',
      imageUrl: 'https://example.com/logo.svg',
      companyName: 'Example',
      showNameInput: true,
      timeout: 5,
      preload: 'none',
    } satisfies Omit<Required<PageDefaults>, 'files'>;
    configure(options);
    const after = document.createElement('pica-connect-button');
    const list = document.createElement('pica-connections-list');
    for (const element of [before, after, list]) {
      for (const [name, value] of Object.entries(options)) {
        expect(Reflect.get(element, name), name).to.equal(value);
      }
    }
    expect(Object.keys(noDefaults)).to.deep.equal([...Object.keys(options), 'files']);
  });

  it('is the same function in all entries', () => {
    for (const exported of [configureInButtonEntry, configureInListEntry, classes.configure]) {
      expect(exported).to.equal(configure);
    }
  });

  it('accepts a URL object for a URL', () => {
    const url = new URL('https://api.example.com/token');
    configure({ tokenUrl: url as unknown as string });
    const { tokenUrl } = document.createElement('pica-connect-button');
    // The runner can't serialize a URL object in a failure.
    expect(tokenUrl === url.href).to.equal(true);
  });

  it('never overrides an element’s own attribute or property, even one that equals the default', () => {
    configure({ preload: 'page', debug: true, showNameInput: true, timeout: 3, tokenUrl: '/page' });
    const button = document.createElement('pica-connect-button');
    button.debug = false;
    button.setAttribute('preload', 'connect');
    button.setAttribute('show-name-input', 'false');
    button.setAttribute('timeout', '15');
    button.setAttribute('token-url', '/own');
    const { preload, debug, showNameInput, timeout, tokenUrl } = button;
    expect([preload, debug, showNameInput, timeout, tokenUrl]).to.deep.equal([
      'connect',
      false,
      false,
      15,
      '/own',
    ]);
  });

  it('applies again once an element’s attribute is removed or its property is null', () => {
    configure({ tokenUrl: '/page', debug: true, timeout: 3 });
    const button = mount(
      '<pica-connect-button token-url="/own" debug="false" timeout="9"></pica-connect-button>',
    ) as classes.PicaConnectButton;
    for (const name of ['token-url', 'debug', 'timeout']) button.removeAttribute(name);
    expect([button.tokenUrl, button.debug, button.timeout]).to.deep.equal(['/page', true, 3]);
    button.tokenUrl = '/own';
    button.tokenUrl = null;
    expect(button.tokenUrl).to.equal('/page');
  });

  it('keeps what earlier calls set, and clears an option with null or undefined', () => {
    const button = document.createElement('pica-connect-button');
    configure({ tokenUrl: '/a', identity: 'ada', timeout: 3 });
    configure({ tokenUrl: '/b' });
    expect([button.tokenUrl, button.identity, button.timeout]).to.deep.equal(['/b', 'ada', 3]);
    configure({ identity: null, timeout: undefined });
    expect([button.tokenUrl, button.identity, button.timeout]).to.deep.equal(['/b', null, 15]);
  });

  for (const [description, options] of [
    ['an unknown name', { tokenURL: '/x' }],
    ['an option that only one element has', { selectedConnection: 'Gmail' }],
    ['an inherited name', { constructor: 1 }],
  ] as const) {
    it(`refuses ${description}, lists the valid names, and sets nothing`, () => {
      const button = document.createElement('pica-connect-button');
      const [name = ''] = Object.keys(options);
      expect(() => {
        configure({ companyName: 'Set', ...(options as object) });
      }).to.throw(TypeError, new RegExp(`"${name}".*tokenUrl.*preload.*files`));
      expect(button.companyName).to.equal(null);
    });
  }

  describe('with URLs and headers', () => {
    const api = 'https://api.example.com';
    const tokenHeaders = { authorization: 'Bearer token' };
    const requestHeaders = () => ({ authorization: 'Bearer list' });
    const urls = { tokenUrl: `${api}/token`, connectionsUrl: `${api}/connections` };
    const create = (attributes: Record<string, string>) => {
      const list = document.createElement('pica-connections-list');
      for (const [name, value] of Object.entries(attributes)) list.setAttribute(name, value);
      return list;
    };

    for (const [attribute, option, lost] of [
      ['token-url', 'tokenUrl', 'tokenHeaders'],
      ['base-url', 'baseUrl', 'tokenHeaders'],
      ['connections-url', 'connectionsUrl', 'requestHeaders'],
      ['integrations-url', 'integrationsUrl', 'requestHeaders'],
    ] as const) {
      it(`hides the headers from an element whose ${attribute} has another origin, and warns once`, () => {
        const warnings: unknown[] = [];
        const { warn } = console;
        console.warn = (text) => warnings.push(text);
        try {
          configure({ ...urls, tokenHeaders, requestHeaders });
          const lists = ['x', 'y'].map((path) => create({ [attribute]: `${endpoints}/${path}` }));
          for (const list of lists) {
            expect(list[lost] === null).to.equal(true);
            list[lost] = { own: '1' };
            expect(list[lost]).to.deep.equal({ own: '1' });
          }
        } finally {
          console.warn = warn;
        }
        const matching = warnings.filter((text) =>
          String(text).includes(` ${option} has another origin`),
        );
        expect(matching.length).to.equal(1);
      });
    }

    it('gives the headers to an element with other paths on the same origins', () => {
      configure({ ...urls, baseUrl: `${endpoints}/a`, tokenHeaders, requestHeaders });
      const list = create({
        'token-url': `${api}/t`,
        'base-url': `${endpoints}/b`,
        'connections-url': '',
        'integrations-url': `${api}/i`,
      });
      expect([list.tokenHeaders, list.requestHeaders]).to.deep.equal([
        tokenHeaders,
        requestHeaders,
      ]);
    });

    it('gives the headers to all elements if the page sets no URLs', () => {
      configure({ tokenHeaders, requestHeaders });
      const list = create({ 'token-url': `${endpoints}/t`, 'integrations-url': `${endpoints}/i` });
      expect([list.tokenHeaders, list.requestHeaders]).to.deep.equal([
        tokenHeaders,
        requestHeaders,
      ]);
    });
  });

  it('reads nothing from a polluted Object.prototype', () => {
    Reflect.set(Object.prototype, 'tokenUrl', 'https://evil.example/token');
    Reflect.set(Object.prototype, 'evil', 1);
    try {
      configure({ companyName: 'Example' });
      expect(document.createElement('pica-connect-button').tokenUrl).to.equal(null);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'tokenUrl');
      Reflect.deleteProperty(Object.prototype, 'evil');
    }
  });

  it('updates existing elements', async () => {
    const [button, own] = [await mountButton(), await mountButton({ debug: false })];
    configure({ debug: true });
    await Promise.all([button.updateComplete, own.updateComplete]);
    expect(button.shadowRoot?.querySelector('.debug')).to.not.equal(null);
    expect(own.shadowRoot?.querySelector('.debug')).to.equal(null);
  });

  it('does not render elements that have their own value', async () => {
    const button = await mountButton({ identity: 'own' });
    configure({ identity: 'own' });
    expect(button.isUpdatePending).to.equal(false);
    configure({ identity: 'other', baseUrl: 'https://authkit.example' });
    expect(button.isUpdatePending).to.equal(false);
  });

  it('gives AuthKit the token endpoint, its headers and the base URL', async () => {
    const name = uniqueName();
    configure({
      tokenUrl: `${endpoints}/${name}/token`,
      tokenHeaders: { 'x-user': 'ada' },
      baseUrl: puppetUrl(name),
    });
    const button = document.createElement('pica-connect-button');
    stage.append(button);
    const request = nextRequest(name, { method: 'POST', path: 'token' });
    const { closed } = await openAuthKit(button);
    expect((await request).headers['x-user']).to.equal('ada');
    button.close();
    await closed;
  });

  it('makes existing and later lists load', async () => {
    const list = await mountList();
    const name = uniqueName();
    await control(name, { connections: { rows: [{ connection_key: 'k', platform: 'gmail' }] } });
    const loaded = nextEvent('pica-load', list);
    configure({ connectionsUrl: `${endpoints}/${name}/connections` });
    expect((await loaded).detail.connections.length).to.equal(1);
    const other = document.createElement('pica-connections-list');
    const otherLoaded = nextEvent('pica-load', other);
    stage.append(other);
    expect((await otherLoaded).detail.connections.length).to.equal(1);
  });

  it('sends the outbox of an earlier page once it sets the identity and connections-url', async () => {
    const name = uniqueName();
    const connectionsUrl = `${endpoints}/${name}/connections`;
    const connection = {
      key: 'live::gmail::kept',
      platform: 'gmail',
      environment: 'live',
    } as const;
    addToOutbox({ url: connectionsUrl, identity: 'ada' }, { ...connection, state: 'operational' });
    await mountButton({ connectionsUrl: null });
    configure({ connectionsUrl, identity: 'ada' });
    const { body } = await nextRequest(name, { method: 'POST', path: 'connections' });
    expect((body as Record<string, string>).connection_key).to.equal(connection.key);
  });

  it('clears a list’s rows when it changes connections-url', async () => {
    const [name, next] = [uniqueName(), uniqueName()];
    await control(name, { connections: { rows: [{ connection_key: 'k', platform: 'gmail' }] } });
    configure({ connectionsUrl: `${endpoints}/${name}/connections` });
    const list = document.createElement('pica-connections-list');
    const loaded = nextEvent('pica-load', list);
    stage.append(list);
    await loaded;
    configure({ connectionsUrl: `${endpoints}/${next}/connections` });
    await list.updateComplete;
    expect(list.connections).to.deep.equal([]);
  });

  it('also reaches elements and classes of another copy of this package', async () => {
    const frame = document.createElement('iframe');
    frame.title = 'Two copies';
    frame.srcdoc = `<!doctype html><script src="/dist/pica-connect.min.js"></script>
      <script>window.first = PicaConnect; delete window.PicaConnect;</script>
      <script src="/dist/pica-connect.all.min.js"></script>
      <pica-connect-button></pica-connect-button>`;
    stage.append(frame);
    await nextLoad(frame);
    const window = frame.contentWindow as unknown as Record<
      'first' | 'PicaConnect',
      typeof classes
    >;
    expect(window.first).to.not.equal(window.PicaConnect);
    const button = frame.contentDocument?.querySelector('pica-connect-button');
    await button?.updateComplete;
    window.PicaConnect.configure({ tokenUrl: '/by-the-second', debug: true });
    await until(() => button?.shadowRoot?.querySelector('.debug') != null);
    expect(button?.tokenUrl).to.equal('/by-the-second');
    window.first.configure({ tokenUrl: '/by-the-first' });
    expect(button?.tokenUrl).to.equal('/by-the-first');
  });
});
