import { expect } from '@open-wc/testing';
import type { PicaConnectButton, PicaConnectionsList } from '../../src/classes.js';
import { mount, mountButton, openAuthKit as openIn, stage, until } from '../fixtures/elements.js';
import { connection } from '../fixtures/list.js';
import { endpoints } from '../fixtures/servers/origins.js';
import { control, nextRequest, puppetUrl, uniqueName } from '../fixtures/servers/puppet-client.js';

/** A page in a frame, in which all that is hostile is there before the script loads. */

const foreign = 'https://foreign.example';
const lazyImage = `${foreign}/x/a.png`;

/** What `document` has, and what both the elements and Lit use of it. */
const documentNames = [
  ...['body', 'head', 'baseURI', 'documentElement', 'activeElement', 'readyState', 'defaultView'],
  ...['visibilityState', 'adoptedStyleSheets', 'styleSheets', 'implementation', 'location'],
  ...['addEventListener', 'removeEventListener', 'dispatchEvent', 'contains', 'getRootNode'],
  ...['querySelector', 'querySelectorAll', 'getElementById', 'getElementsByTagName', 'hidden'],
  ...['append', 'before', 'firstChild', 'childNodes', 'cookie', 'domain', 'forms', 'all', 'URL'],
];

/** What `window` may lack, and what is kept there. */
const windowNames = [
  ...['PicaConnect', 'picaConnectLocales', 'locales', 'event-link', 'ReportingObserver'],
  ...['requestIdleCallback', 'currentScript', 'nonce', 'dataset', 'pica-connect-button'],
];

/** The same, of Lit alone: in the npm package it is the page's own, and is not kept from them. */
const litNames = [
  ...['createElement', 'createComment', 'createTextNode', 'createTreeWalker', 'importNode'],
  ...['litHtmlVersions', 'litElementVersions', 'reactiveElementVersions', 'litPropertyMetadata'],
  ...['reactiveElementPolyfillSupport', 'litHtmlPolyfillSupport', 'litElementPolyfillSupport'],
  ...['litElementHydrateSupport', 'ShadyCSS', 'trustedTypes'],
];

/** Elements that shadow a property of `document`, of `window`, or both. */
const clobberers: readonly ((name: string) => string)[] = [
  (name) => `<img name="${name}" alt="">`,
  (name) => `<form name="${name}"><input name="append"><input name="href"></form>`,
  (name) => `<iframe name="${name}" title="x"></iframe>`,
  (name) => `<embed name="${name}" hidden>`,
  (name) => `<object id="${name}" hidden></object>`,
  (name) => `<form id="${name}" name="${name}"></form><form name="${name}" id="${name}"></form>`,
  (name) =>
    `<a id="${name}" href="${foreign}/a"></a><a id="${name}" name="src" href="${foreign}/b"></a>`,
];

/** It need not be rendered to shadow: a lazy image that is not shown is never asked for. */
const lazy = (name: string): string =>
  `<img name="${name}" src="${lazyImage}" alt="" loading="lazy" hidden>`;

const clobbering = (names: readonly string[]): string =>
  names
    .map((name, index) => {
      const shadowsDocument = (clobberers[index % 6] ?? clobberers[0])?.(name) ?? '';
      return shadowsDocument + lazy(name) + (clobberers[6]?.(name) ?? '');
    })
    .join('\n');

/** What a page's careless merge may have put on `Object.prototype`. */
const pollutedNames = [
  ...['headers', 'body', 'mode', 'credentials', 'redirect', 'signal', 'integrity', 'method'],
  ...['referrer', 'cache', 'keepalive', 'priority', 'duplex', 'window'],
  ...['once', 'passive', 'capture', 'delegatesFocus', 'slotAssignment', 'clonable', 'serializable'],
  ...[
    'childList',
    'attributes',
    'attributeFilter',
    'characterData',
    'subtree',
    'buffered',
    'types',
  ],
  ...['bubbles', 'cancelable', 'composed', 'detail', 'source', 'ports', 'lastEventId'],
  ...['type', 'state', 'attribute', 'noAccessor', 'converter', 'hasChanged', 'reflect', 'wrapped'],
  ...['useDefault', 'renderBefore', 'creationScope', 'host', 'isConnected'],
  ...['key', 'url', 'token', 'src', 'before', 'nonce', 'rows', 'page', 'pages', 'connections'],
  ...['tokenUrl', 'tokenHeaders', 'requestHeaders', 'baseUrl', 'connectionsUrl', 'integrationsUrl'],
  ...['imageUrl', 'modalTitle', 'companyName', 'selectedConnection', 'preload', 'outbox'],
  ...['name', 'platform', 'environment', 'identity', 'identityType', 'connection_key', 'createdAt'],
  ...['created_at', 'tags', 'confirmed', 'message', 'hint', 'cause', 'connection', 'image'],
  ...[
    'category',
    'description',
    'dir',
    'lang',
    'toJSON',
    'isPreloaded',
    'end',
    'response',
    'result',
  ],
  ...['fault', 'lacksCors', 'isTemporary', 'retryAfter', 'steal', 'ifAvailable', 'numeric'],
  ...[
    'dateStyle',
    'timeZone',
    'badInput',
    'customError',
    'extends',
    'settled',
    'onNewConnection',
    'count',
  ],
  ...['disabledFeatures', 'formAssociated', 'adoptedCallback', 'connectedMoveCallback'],
  ...[
    'formAssociatedCallback',
    'zh',
    'pt',
    'expiresAt',
    'active',
    'error',
    'options',
    'frame',
    'title',
    'label',
  ],
];

/** What the platform alone reads: of a Proxy's handler, and of what describes a property. */
const readByPlatform = [
  ...['defineProperty', 'getOwnPropertyDescriptor', 'getPrototypeOf', 'has', 'deleteProperty'],
  ...['ownKeys', 'isExtensible', 'apply', 'construct', 'writable', 'enumerable', 'configurable'],
];

/** Lit asks each of our controllers for them. */
const controllerNames = ['hostConnected', 'hostUpdate', 'hostUpdated', 'hostDisconnected'];

/**
 * What the language itself reads of objects that nobody can keep from inheriting: without these no script works,
 * not even the engine's own.
 */
const ofTheLanguage = [
  // Of every description of a property, as of the one that an assignment makes.
  ...['get', 'set', 'value'],
  // Of all that is awaited.
  'then',
  // Of the iterator, by each `const [first] = array`.
  'return',
];

/** Every name in the one file, so that none is forgotten. */
const namesInOneFile = async (): Promise<string[]> => {
  const script = await fetch('/dist/pica-connect.min.js').then((answer) => answer.text());
  const names = new Set(script.match(/[A-Za-z_$][\w$]*/g));
  return [...names].filter((name) => !(name in Object.prototype) && !ofTheLanguage.includes(name));
};

type HostWindow = Window & typeof globalThis & { faults: string[]; refused: string[] };

interface Host {
  window: HostWindow;
  button: PicaConnectButton;
  list: PicaConnectionsList;
  events: { name: string; detail: Record<string, unknown> }[];
  scope: string;
}

interface Page {
  /** The script of the elements. */
  script: string;
  markup?: string;
  polluted?: readonly string[];
}

const oneFile = `<script src="${location.origin}/dist/pica-connect.min.js"></script>`;
const modules = `<script type="module" src="${location.origin}/src/index.ts"></script>`;

/** As `document.querySelectorAll`, which the page may have shadowed. */
const queryAll = ({ document }: Window, selector: string): HTMLElement[] => {
  const method = Reflect.get(Document.prototype, 'querySelectorAll') as (
    this: Document,
    selector: string,
  ) => Iterable<HTMLElement>;
  return [...method.call(document, selector)];
};

const openPage = async ({ script, markup = '', polluted = [] }: Page): Promise<Host> => {
  const scope = uniqueName();
  const own = `${endpoints}/${scope}`;
  await control(scope, {
    connections: { rows: [connection({ key: 'live::slack::default::1', platform: 'slack' })] },
  });
  const frame = document.createElement('iframe');
  frame.title = 'Host';
  frame.style.cssText = 'width: 800px; height: 700px';
  const { origin: puppet } = new URL(puppetUrl(''));
  // Whatever goes to a foreign origin is a violation, which every engine tells of.
  const policy = `default-src 'self' ${location.origin} ${endpoints} ${puppet} 'unsafe-inline' data:`;
  frame.srcdoc = `<!doctype html>
    <html lang="en">
      <head>
        <meta http-equiv="content-security-policy" content="${policy}">
        <script>
          faults = [];
          refused = [];
          addEventListener('error', ({ message }) => faults.push(message));
          addEventListener('unhandledrejection', ({ reason }) => faults.push(String(reason)));
          addEventListener('securitypolicyviolation', ({ blockedURI }) => {
            // The page's own pictures, in the engines that look at what they will not load, and the page itself,
            // whose headers check() reads.
            if (blockedURI !== 'about' && blockedURI !== '${lazyImage}') refused.push(blockedURI);
          });
          for (const name of ${JSON.stringify(polluted)}) {
            Object.prototype[name] = '${foreign}/polluted';
          }
        </script>
      </head>
      <body>
        ${markup}
        <form lang="en"><input name="getAttribute"><input name="closest"><input name="parentNode">
          <pica-connect-button name="account" token-url="${own}/token" base-url="${puppetUrl(scope)}"
            connections-url="${own}/connections"></pica-connect-button>
          <pica-connections-list connections-url="${own}/connections"
            integrations-url="${own}/integrations"></pica-connections-list>
        </form>
        ${script}
      </body>
    </html>`;
  const loaded = new Promise((resolve) => {
    frame.addEventListener('load', resolve, { once: true });
  });
  stage.append(frame);
  await loaded;
  const window = frame.contentWindow as HostWindow | null;
  if (!window) throw new Error('The frame has no page');
  const find = (name: string) => queryAll(window, name)[0];
  const events: Host['events'] = [];
  for (const name of ['open', 'success', 'error', 'close', 'load', 'disconnect']) {
    window.addEventListener(`pica-${name}`, (event) => {
      events.push({ name, detail: (event as CustomEvent<Record<string, unknown>>).detail });
    });
  }
  return {
    window,
    button: find('pica-connect-button') as PicaConnectButton,
    list: find('pica-connections-list') as PicaConnectionsList,
    events,
    scope,
  };
};

const inside = (element: Element, selector: string) =>
  element.shadowRoot?.querySelector<HTMLElement>(selector);

/** What the element has to itself, or nothing: a page of a hostile one inherits anything. */
const ownOf = (object: object, name: string): unknown =>
  Object.getOwnPropertyDescriptor(object, name)?.value;

/** AuthKit's frame in the page, as soon as it can be used. */
const openAuthKit = async (host: Host): Promise<Window> => {
  const { window, button } = host;
  const frame = () =>
    queryAll(window, '[data-pica-connect-modal] > iframe')[0] as HTMLIFrameElement | undefined;
  inside(button, 'button')?.click();
  await untilIn(host, () => frame()?.style.display === 'block');
  const view = frame()?.contentWindow;
  if (!view) throw new Error("AuthKit's frame is gone");
  return view;
};

/** Lets the stand-in for AuthKit's page post this to the page around it. */
const say = (authkit: Window, message: unknown) => {
  authkit.postMessage({ puppet: 'say', message }, '*');
};

/** Waits until something holds; what is thrown in the page meanwhile ends that. */
const untilIn = ({ window }: Host, holds: () => boolean): Promise<void> =>
  until(() => {
    if (window.faults.length > 0) throw new Error(window.faults.join('\n'));
    return holds();
  });

const isShown = ({ button, list }: Host) =>
  inside(button, '[part="label"]')?.textContent.trim() === 'Connect' &&
  inside(list, '[data-key] [part="name"]')?.textContent === 'Slack';

/** Renders, opens, reports, saves, lists and disconnects, as if nothing were wrong. */
const expectToWork = async (host: Host, hasLanguages: boolean) => {
  await untilIn(host, () => isShown(host));
  const { window, list, events, scope } = host;
  const authkit = await openAuthKit(host);
  // Nobody but AuthKit's page counts.
  window.postMessage({ messageType: 'LINK_SUCCESS', message: { key: 'evil', platform: 'evil' } });
  window.postMessage({ messageType: 'EXIT_EVENT_LINK' });
  const key = 'live::gmail::default::2';
  say(authkit, {
    messageType: 'LINK_SUCCESS',
    message: JSON.parse(`{
      "key": "${key}", "platform": "gmail", "__proto__": {"isAdmin": true}, "constructor": 1,
      "more": [{"prototype": 2, "deep": {"__proto__": {"isAdmin": true}, "kept": 3}}]
    }`) as unknown,
  });
  const saved = await nextRequest(scope, { method: 'POST', path: 'connections' });
  expect(saved.body).to.deep.equal({
    platform: 'gmail',
    connection_key: key,
    environment: 'live',
    state: 'operational',
  });
  say(authkit, { messageType: 'EXIT_EVENT_LINK' });
  await untilIn(host, () => events.some(({ name }) => name === 'close'));
  const heard = events.map(({ name }) => name).filter((name) => name !== 'load');
  expect(heard).to.deep.equal(['open', 'success', 'close']);
  const made = ownOf(events.find(({ name }) => name === 'success')?.detail ?? {}, 'connection');
  expect(JSON.parse(JSON.stringify(made))).to.deep.equal({
    key,
    platform: 'gmail',
    environment: 'live',
    state: 'operational',
    more: [{ deep: { kept: 3 } }],
  });

  const row = () => inside(list, `[data-key="${key}"]`);
  await untilIn(host, () => Boolean(row()));
  row()?.querySelector<HTMLElement>('[data-action="ask"]')?.click();
  await list.updateComplete;
  row()?.querySelector<HTMLElement>('[data-action="confirm"]')?.click();
  await nextRequest(scope, { method: 'DELETE', state: 'answered' });
  await untilIn(host, () => !row());
  expect(row()).to.equal(null);

  // What is loaded later comes from where it should, too.
  const codes = (await host.button.check()).map(({ code }) => code);
  expect(codes).to.include.members(['authkit-unreachable', 'load-failed', 'secure-context']);
  if (hasLanguages) {
    expect(ownOf(host.window, 'PicaConnect')).to.have.property('PicaConnectButton');
    host.button.lang = 'de';
    await untilIn(host, () => inside(host.button, '[part="label"]')?.textContent === 'Verbinden');
  }
  expect([...window.faults, ...window.refused]).to.deep.equal([]);
};

const builds = [
  // In the npm package an inherited 0 has Lit look for the end of a template for ever.
  {
    build: 'the one-file build',
    script: oneFile,
    names: litNames,
    more: async () => [
      ...['0', '1', 'createHTML', 'createScript', ...readByPlatform],
      ...(await namesInOneFile()),
    ],
  },
  {
    build: 'the modules',
    script: modules,
    names: [],
    more: () => [...controllerNames, 'colorScheme'],
  },
];

for (const { build, script, names, more } of builds) {
  const hasLanguages = script === oneFile;
  describe(`a page against ${build}`, () => {
    it('is withstood when its ids and names shadow what is read', async () => {
      const markup = clobbering([...documentNames, ...windowNames, ...names]);
      const host = await openPage({ script, markup });
      expect(host.window.document.body).not.to.be.an.instanceOf(host.window.HTMLBodyElement);
      await expectToWork(host, hasLanguages);
      // AuthKit removes the first of them, whosever it is.
      expect(queryAll(host.window, '[id="event-link"]')).to.have.lengthOf(3);
    });

    it('is withstood when everything inherits from what it has put on Object.prototype', async () => {
      await expectToWork(
        await openPage({ script, polluted: [...pollutedNames, ...(await more())] }),
        hasLanguages,
      );
    });

    it('is withstood when it does both', async () => {
      const markup = clobbering([...documentNames, ...windowNames, ...names]);
      await expectToWork(
        await openPage({ script, markup, polluted: [...pollutedNames, ...(await more())] }),
        hasLanguages,
      );
    });

    it("hears of a hundred connections at most that AuthKit's page makes at once", async () => {
      const host = await openPage({ script });
      await untilIn(host, () => isShown(host));
      host.button.connectionsUrl = null;
      const authkit = await openAuthKit(host);
      for (let count = 1; count <= 150; count += 1) {
        const key = `live::gmail::default::${String(count)}`;
        say(authkit, { messageType: 'LINK_SUCCESS', message: { key, platform: 'gmail' } });
        say(authkit, { messageType: 'LINK_ERROR', message: 'No' });
      }
      say(authkit, { messageType: 'EXIT_EVENT_LINK' });
      await untilIn(host, () => host.events.some(({ name }) => name === 'close'));
      const count = (wanted: string) => host.events.filter(({ name }) => name === wanted).length;
      expect([count('success'), count('error')]).to.deep.equal([50, 51]);
      const codes = host.events.map(
        ({ detail }) => (detail.error as { code?: string } | undefined)?.code,
      );
      expect(codes.filter((code) => code === 'connection-invalid')).to.have.lengthOf(1);
    });
  });
}

describe('a form that has the focus', () => {
  it('has it again after AuthKit, whatever its fields are named', async () => {
    const form = mount('<form tabindex="0"><input name="focus"><input name="isConnected"></form>');
    HTMLElement.prototype.focus.call(form);
    const button = await mountButton();
    const { closed } = await openIn(button);
    button.close();
    expect(await closed).to.equal(null);
    expect(document.activeElement).to.equal(form);
  });
});

describe('a page against Lit from npm', () => {
  for (const name of ['createElement', 'createTreeWalker', 'litHtmlVersions']) {
    it(`makes the elements fail aloud when it has something named ${name}`, async () => {
      const { window } = await openPage({ script: modules, markup: clobbering([name]) });
      await until(() => window.faults.length > 0);
      expect(window.refused).to.deep.equal([]);
    });
  }
});

describe('the one-file build', () => {
  it('reads nothing of the document by its name but what AuthKit reads', async () => {
    const script = await fetch('/dist/pica-connect.min.js').then((answer) => answer.text());
    const read = [...script.matchAll(/\bdocument\??\.(\w+)/g)].map(([, name]) => name);
    expect([...new Set(read)].sort()).to.deep.equal(['body', 'createElement', 'getElementById']);
  });
});

/** A list in a page that is as wide as this and has these styles, and where its row's parts are. */
const partsIn = async (width: number, styles: string) => {
  stage.innerHTML = `
    <style>${styles}</style>
    <div class="page" style="display: block; inline-size: ${String(width)}px">
      <pica-connections-list></pica-connections-list>
    </div>`;
  const list = stage.querySelector('pica-connections-list');
  if (!list) throw new Error('There is no list');
  list.connections = [connection({ state: 'failed', name: 'me@example.org' })];
  await list.updateComplete;
  const row = list.shadowRoot?.querySelector('[part~="item"]')?.getBoundingClientRect();
  return ['logo', 'name', 'state', 'actions'].map((part) => {
    const place = list.shadowRoot?.querySelector(`[part="${part}"]`)?.getBoundingClientRect();
    if (!place || !row) throw new Error(`There is no ${part}`);
    return [part, place.x - row.x, place.y - row.y, place.width, place.height].map((value) =>
      typeof value === 'number' ? Math.round(value) : value,
    );
  });
};

describe('a page that takes all styles away', () => {
  for (const width of [320, 600, 1000]) {
    it(`leaves the list the layout that it has at ${String(width)} px`, async () => {
      const plain = await partsIn(width, '');
      expect(await partsIn(width, '.page * { all: unset }')).to.deep.equal(plain);
    });
  }
});
