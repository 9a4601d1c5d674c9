import { expect } from '@open-wc/testing';
import type { PicaConnectButton, PicaConnectionsList } from '../../src/classes.js';
import { mount, mountButton, openAuthKit as openIn, stage, until } from '../fixtures/elements.js';
import { connection } from '../fixtures/list.js';
import { endpoints } from '../fixtures/servers/origins.js';
import { control, nextRequest, puppetUrl, uniqueName } from '../fixtures/servers/puppet-client.js';

/* Each test opens a page in a frame, in which everything hostile exists before the script loads. */

const foreign = 'https://foreign.example';
const lazyImage = `${foreign}/x/a.png`;

/** Properties of `document`, including all that the elements and Lit use. */
const documentNames = [
  ...['body', 'head', 'baseURI', 'documentElement', 'activeElement', 'readyState', 'defaultView'],
  ...['visibilityState', 'adoptedStyleSheets', 'styleSheets', 'implementation', 'location'],
  ...['addEventListener', 'removeEventListener', 'dispatchEvent', 'contains', 'getRootNode'],
  ...['querySelector', 'querySelectorAll', 'getElementById', 'getElementsByTagName', 'hidden'],
  ...['append', 'before', 'firstChild', 'childNodes', 'cookie', 'domain', 'forms', 'all', 'URL'],
];

/** Globals that `window` may lack, or that the elements store there. */
const windowNames = [
  ...['PicaConnect', 'picaConnectLocales', 'locales', 'event-link', 'ReportingObserver'],
  ...['requestIdleCallback', 'currentScript', 'nonce', 'dataset', 'pica-connect-button'],
];

/**
 * Properties that only Lit uses. The one-file build protects its own copy of Lit, but the npm package uses the page's.
 */
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

/** A lazy image that isn't rendered shadows a name without ever being requested. */
const lazyImageNamed = (name: string): string =>
  `<img name="${name}" src="${lazyImage}" alt="" loading="lazy" hidden>`;

const clobbering = (names: readonly string[]): string =>
  names
    .map((name, index) => {
      const shadowsDocument = (clobberers[index % 6] ?? clobberers[0])?.(name) ?? '';
      return shadowsDocument + lazyImageNamed(name) + (clobberers[6]?.(name) ?? '');
    })
    .join('\n');

/** Names that a careless merge in the page may have put on `Object.prototype`. */
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

/** Names that only the platform reads: of a Proxy's handler, and of property descriptors. */
const readByPlatform = [
  ...['defineProperty', 'getOwnPropertyDescriptor', 'getPrototypeOf', 'has', 'deleteProperty'],
  ...['ownKeys', 'isExtensible', 'apply', 'construct', 'writable', 'enumerable', 'configurable'],
];

/** Names that Lit reads of each of our controllers. */
const controllerNames = ['hostConnected', 'hostUpdate', 'hostUpdated', 'hostDisconnected'];

/**
 * Names that the language itself reads of any object. If these are polluted, no script works, not even the engine's
 * own.
 */
const readByLanguage = [
  // Read of every property descriptor, such as the one that an assignment creates.
  ...['get', 'set', 'value'],
  // Read of every awaited value.
  'then',
  // Read of the iterator by each `const [first] = array`.
  'return',
];

/** Every identifier in the one-file build, so that no name is missing. */
const namesInOneFile = async (): Promise<string[]> => {
  const script = await fetch('/dist/pica-connect.min.js').then((response) => response.text());
  const names = new Set(script.match(/[A-Za-z_$][\w$]*/g));
  return [...names].filter((name) => !(name in Object.prototype) && !readByLanguage.includes(name));
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
  /** The markup that loads the elements. */
  script: string;
  markup?: string;
  polluted?: readonly string[];
}

const oneFile = `<script src="${location.origin}/dist/pica-connect.min.js"></script>`;
const modules = `<script type="module" src="${location.origin}/src/index.ts"></script>`;

/** Calls `document.querySelectorAll`, even if the page has shadowed it. */
const queryAll = ({ document }: Window, selector: string): HTMLElement[] => {
  const method = Reflect.get(Document.prototype, 'querySelectorAll') as (
    this: Document,
    selector: string,
  ) => Iterable<HTMLElement>;
  return [...method.call(document, selector)];
};

const openPage = async ({ script, markup = '', polluted = [] }: Page): Promise<Host> => {
  const scope = uniqueName();
  const root = `${endpoints}/${scope}`;
  await control(scope, {
    connections: { rows: [connection({ key: 'live::slack::default::1', platform: 'slack' })] },
  });
  const frame = document.createElement('iframe');
  frame.title = 'Host';
  frame.style.cssText = 'width: 800px; height: 700px';
  const { origin: puppet } = new URL(puppetUrl(''));
  // Every request to a foreign origin is a violation, which all engines report.
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
          <pica-connect-button name="account" token-url="${root}/token" base-url="${puppetUrl(scope)}"
            connections-url="${root}/connections"></pica-connect-button>
          <pica-connections-list connections-url="${root}/connections"
            integrations-url="${root}/integrations"></pica-connections-list>
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

const queryShadow = (element: Element, selector: string) =>
  element.shadowRoot?.querySelector<HTMLElement>(selector);

/** An own property's value, because a polluted page makes every object inherit values. */
const ownValue = (object: object, name: string): unknown =>
  Object.getOwnPropertyDescriptor(object, name)?.value;

/** Opens AuthKit, and returns its window once it can be used. */
const openAuthKit = async (host: Host): Promise<Window> => {
  const { window, button } = host;
  const frame = () =>
    queryAll(window, '[data-pica-connect-modal] > iframe')[0] as HTMLIFrameElement | undefined;
  queryShadow(button, 'button')?.click();
  await untilOrFault(host, () => frame()?.style.display === 'block');
  const view = frame()?.contentWindow;
  if (!view) throw new Error("AuthKit's frame is gone");
  return view;
};

/** Makes AuthKit's stand-in post this message to the host page. */
const postFromAuthKit = (authkit: Window, message: unknown) => {
  authkit.postMessage({ puppet: 'post', message }, '*');
};

/** Waits for a condition. Errors in the page end the wait. */
const untilOrFault = ({ window }: Host, condition: () => boolean): Promise<void> =>
  until(() => {
    if (window.faults.length > 0) throw new Error(window.faults.join('\n'));
    return condition();
  });

const isRendered = ({ button, list }: Host) =>
  queryShadow(button, '[part="label"]')?.textContent.trim() === 'Connect' &&
  queryShadow(list, '[data-key] [part="name"]')?.textContent === 'Slack';

/** Expects the elements to render, open, report, save, list and disconnect as usual. */
const expectToWork = async (host: Host, hasLanguages: boolean) => {
  await untilOrFault(host, () => isRendered(host));
  const { window, list, events, scope } = host;
  const authkit = await openAuthKit(host);
  // Only messages of AuthKit's page count.
  window.postMessage({ messageType: 'LINK_SUCCESS', message: { key: 'evil', platform: 'evil' } });
  window.postMessage({ messageType: 'EXIT_EVENT_LINK' });
  const key = 'live::gmail::default::2';
  postFromAuthKit(authkit, {
    messageType: 'LINK_SUCCESS',
    message: JSON.parse(`{
      "key": "${key}", "platform": "gmail", "__proto__": {"isAdmin": true}, "constructor": 1,
      "more": [{"prototype": 2, "deep": {"__proto__": {"isAdmin": true}, "kept": 3}}]
    }`) as unknown,
  });
  const saveRequest = await nextRequest(scope, { method: 'POST', path: 'connections' });
  expect(saveRequest.body).to.deep.equal({
    platform: 'gmail',
    connection_key: key,
    environment: 'live',
    state: 'operational',
  });
  postFromAuthKit(authkit, { messageType: 'EXIT_EVENT_LINK' });
  await untilOrFault(host, () => events.some(({ name }) => name === 'close'));
  const eventNames = events.map(({ name }) => name).filter((name) => name !== 'load');
  expect(eventNames).to.deep.equal(['open', 'success', 'close']);
  const newConnection = ownValue(
    events.find(({ name }) => name === 'success')?.detail ?? {},
    'connection',
  );
  expect(JSON.parse(JSON.stringify(newConnection))).to.deep.equal({
    key,
    platform: 'gmail',
    environment: 'live',
    state: 'operational',
    more: [{ deep: { kept: 3 } }],
  });

  const row = () => queryShadow(list, `[data-key="${key}"]`);
  await untilOrFault(host, () => Boolean(row()));
  row()?.querySelector<HTMLElement>('[data-action="ask"]')?.click();
  await list.updateComplete;
  row()?.querySelector<HTMLElement>('[data-action="confirm"]')?.click();
  await nextRequest(scope, { method: 'DELETE', state: 'answered' });
  await untilOrFault(host, () => !row());
  expect(row()).to.equal(null);

  // Files that are loaded later come from the right place too.
  const codes = (await host.button.check()).map(({ code }) => code);
  expect(codes).to.include.members(['authkit-unreachable', 'load-failed', 'secure-context']);
  if (hasLanguages) {
    expect(ownValue(host.window, 'PicaConnect')).to.have.property('PicaConnectButton');
    host.button.lang = 'de';
    await untilOrFault(
      host,
      () => queryShadow(host.button, '[part="label"]')?.textContent === 'Verbinden',
    );
  }
  expect([...window.faults, ...window.refused]).to.deep.equal([]);
};

const builds = [
  // Only in the one-file build: in the npm package, an inherited 0 makes Lit search for the end of a template forever.
  {
    build: 'the one-file build',
    script: oneFile,
    names: litNames,
    extraNames: async () => [
      ...['0', '1', 'createHTML', 'createScript', ...readByPlatform],
      ...(await namesInOneFile()),
    ],
  },
  {
    build: 'the module build',
    script: modules,
    names: [],
    extraNames: () => [...controllerNames, 'colorScheme'],
  },
];

for (const { build, script, names, extraNames } of builds) {
  const hasLanguages = script === oneFile;
  describe(`${build} in a hostile page`, () => {
    it('works if ids and names shadow properties of document and window', async () => {
      const markup = clobbering([...documentNames, ...windowNames, ...names]);
      const host = await openPage({ script, markup });
      expect(host.window.document.body).not.to.be.an.instanceOf(host.window.HTMLBodyElement);
      await expectToWork(host, hasLanguages);
      // One is missing, because AuthKit removes the first element with this id.
      expect(queryAll(host.window, '[id="event-link"]')).to.have.lengthOf(3);
    });

    it('works if Object.prototype is polluted', async () => {
      await expectToWork(
        await openPage({ script, polluted: [...pollutedNames, ...(await extraNames())] }),
        hasLanguages,
      );
    });

    it('works if names are shadowed and Object.prototype is polluted', async () => {
      const markup = clobbering([...documentNames, ...windowNames, ...names]);
      await expectToWork(
        await openPage({ script, markup, polluted: [...pollutedNames, ...(await extraNames())] }),
        hasLanguages,
      );
    });

    it('accepts at most a hundred reports of AuthKit’s page', async () => {
      const host = await openPage({ script });
      await untilOrFault(host, () => isRendered(host));
      host.button.connectionsUrl = null;
      const authkit = await openAuthKit(host);
      for (let count = 1; count <= 150; count += 1) {
        const key = `live::gmail::default::${String(count)}`;
        postFromAuthKit(authkit, {
          messageType: 'LINK_SUCCESS',
          message: { key, platform: 'gmail' },
        });
        postFromAuthKit(authkit, { messageType: 'LINK_ERROR', message: 'No' });
      }
      postFromAuthKit(authkit, { messageType: 'EXIT_EVENT_LINK' });
      await untilOrFault(host, () => host.events.some(({ name }) => name === 'close'));
      const count = (eventName: string) =>
        host.events.filter(({ name }) => name === eventName).length;
      expect([count('success'), count('error')]).to.deep.equal([50, 51]);
      const codes = host.events.map(
        ({ detail }) => (detail.error as { code?: string } | undefined)?.code,
      );
      expect(codes.filter((code) => code === 'connection-invalid')).to.have.lengthOf(1);
    });
  });
}

describe('a form that had the focus', () => {
  it('gets it back after AuthKit closes, whatever its fields are named', async () => {
    const form = mount('<form tabindex="0"><input name="focus"><input name="isConnected"></form>');
    HTMLElement.prototype.focus.call(form);
    const button = await mountButton();
    const { closed } = await openIn(button);
    button.close();
    expect(await closed).to.equal(null);
    expect(document.activeElement).to.equal(form);
  });
});

describe('a page with Lit from npm', () => {
  for (const name of ['createElement', 'createTreeWalker', 'litHtmlVersions']) {
    it(`makes the elements fail with an error if it shadows ${name}`, async () => {
      const { window } = await openPage({ script: modules, markup: clobbering([name]) });
      await until(() => window.faults.length > 0);
      expect(window.refused).to.deep.equal([]);
    });
  }
});

describe('the one-file build', () => {
  it('reads only those properties of document that AuthKit reads', async () => {
    const script = await fetch('/dist/pica-connect.min.js').then((answer) => answer.text());
    const read = [...script.matchAll(/\bdocument\??\.(\w+)/g)].map(([, name]) => name);
    expect([...new Set(read)].sort()).to.deep.equal(['body', 'createElement', 'getElementById']);
  });
});

/** Measures the parts of a row, in a page of this width with these styles. */
const measureParts = async (width: number, styles: string) => {
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
    const box = list.shadowRoot?.querySelector(`[part="${part}"]`)?.getBoundingClientRect();
    if (!box || !row) throw new Error(`There is no ${part}`);
    return [part, box.x - row.x, box.y - row.y, box.width, box.height].map((value) =>
      typeof value === 'number' ? Math.round(value) : value,
    );
  });
};

describe('a page that resets all styles', () => {
  for (const width of [320, 600, 1000]) {
    it(`does not change the list’s layout at ${String(width)} px`, async () => {
      const expected = await measureParts(width, '');
      expect(await measureParts(width, '.page * { all: unset }')).to.deep.equal(expected);
    });
  }
});
