import { waitUntil, type Camera as AnyCamera } from './camera.js';
import type { Endpoints } from './page-server.js';
import { fonts, now } from './pages.js';

type Camera = Pick<AnyCamera, 'evaluate'>;

/** Selectors of the button that has the focus and of the button under the mouse, which may be pressed. */
export interface Step {
  focus?: string;
  hover?: string;
  isPressed?: boolean;
}

export interface Screen {
  path: string;
  endpoints?: (origin: string) => Endpoints;
  /** Brings the page to this screen, and waits until it shows. */
  act: (camera: Camera, endpoints: Endpoints) => Promise<unknown>;
  /** The window's height. Default: the page's height. */
  height?: number;
  /**
   * Only one element can have the focus, and only one the mouse. So each step gets its own picture, and its elements
   * are copied from there.
   */
  steps?: readonly Step[];
}

const platforms = (origin: string) => [
  { platform: 'gmail', name: 'Gmail', category: 'Communication', image: `${origin}/logos/crimson` },
  { platform: 'slack', name: 'Slack', category: 'Communication', image: `${origin}/logos/purple` },
  { platform: 'notion', name: 'Notion', category: 'Productivity', image: `${origin}/logos/gray` },
  // HubSpot's logo is broken, and Google Calendar has none.
  { platform: 'hubspot', name: 'HubSpot', category: 'CRM', image: `${origin}/nothing` },
  { platform: 'google-calendar', name: 'Google Calendar', category: 'Productivity' },
];

const unconnectedPlatforms = (origin: string) => [
  {
    platform: 'dropbox',
    name: 'Dropbox',
    category: 'Files',
    image: `${origin}/logos/royalblue`,
    description: 'Files and folders, and everything that is shared with a team.',
  },
  { platform: 'box', name: 'Box', category: 'Files', image: `${origin}/logos/steelblue` },
  { platform: 'attio', name: 'Attio', category: 'CRM' },
  { platform: 'weather', name: 'Weather', description: 'Belongs to no category.' },
];

const daysAgo = (days: number) => new Date(now.getTime() - days * 24 * 3_600_000).toISOString();
const connection = (platform: string, properties: object) => ({
  key: `live::${platform}::${JSON.stringify(properties)}`,
  platform,
  environment: 'live',
  state: 'operational',
  ...properties,
});

const connections = [
  connection('gmail', { name: 'me@example.org', createdAt: daysAgo(3) }),
  connection('gmail', {
    name: 'somebody.with.a.long.address@subsidiary.example.org',
    createdAt: daysAgo(40),
  }),
  connection('slack', { name: 'فريق المبيعات', environment: 'test', createdAt: daysAgo(0.05) }),
  connection('hubspot', { state: 'degraded', name: 'Sales', createdAt: daysAgo(400) }),
  connection('notion', { state: 'failed', environment: 'test', createdAt: daysAgo(1) }),
  connection('google-calendar', { state: 'unknown', name: 'Team' }),
];
const threeConnections = connections.slice(2, 5);

const withRows = (origin: string): Endpoints => ({
  connections: threeConnections,
  integrations: platforms(origin).filter((integration) =>
    threeConnections.some(({ platform }) => platform === integration.platform),
  ),
});
const withRowsAndOffers = (origin: string): Endpoints => ({
  connections,
  integrations: [...platforms(origin), ...unconnectedPlatforms(origin)],
});

/** Waits until the list has such an element. */
const waitForElement = (camera: Camera, selector: string) =>
  waitUntil(
    camera,
    selector,
    (target) =>
      document.querySelector('pica-connections-list')?.shadowRoot?.querySelector(target) != null,
    selector,
  );

/** Waits until an element in the list contains this text. */
const waitForText = (camera: Camera, selector: string, text: string) =>
  waitUntil(
    camera,
    text,
    (target) => {
      const root = document.querySelector('pica-connections-list')?.shadowRoot;
      return root?.querySelector(target.selector)?.textContent.includes(target.text) === true;
    },
    { selector, text },
  );

/** Focuses the button, too: the pictures show the focus as after a press by keyboard. */
const press = async (camera: Camera, name: string) => {
  await waitForElement(camera, `button[aria-label^="${name}"]`);
  await camera.evaluate((label) => {
    const list = document.querySelector('pica-connections-list');
    const button = list?.shadowRoot?.querySelector<HTMLElement>(`button[aria-label^="${label}"]`);
    button?.focus();
    button?.click();
  }, name);
};

const search = async (camera: Camera, text: string) => {
  await waitForElement(camera, 'input');
  await camera.evaluate((value) => {
    const list = document.querySelector('pica-connections-list');
    const input = list?.shadowRoot?.querySelector('input');
    if (!input) return;
    input.focus();
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, text);
};

const list = (endpoints: Screen['endpoints'], act: Screen['act']): Screen => ({
  path: '/list',
  endpoints,
  act,
});

/** All screens of the list. */
export const listScreens: Record<string, Screen> = {
  rows: list(
    (origin) => ({ connections, integrations: platforms(origin) }),
    (camera) => waitForElement(camera, 'li[data-key]'),
  ),
  asking: list(withRows, async (camera) => {
    await press(camera, 'Disconnect Notion');
    await waitForElement(camera, '[data-action="confirm"]');
  }),
  deleting: list(
    (origin) => ({ ...withRows(origin), disconnect: 'pending' }),
    async (camera) => {
      await press(camera, 'Disconnect Notion');
      await waitForElement(camera, '[data-action="confirm"]');
      await press(camera, 'Disconnect Notion');
      await waitForElement(camera, 'li[aria-busy="true"]');
    },
  ),
  'delete-failed': list(withRows, async (camera) => {
    await press(camera, 'Disconnect Notion');
    await waitForElement(camera, '[data-action="confirm"]');
    await press(camera, 'Disconnect Notion');
    await waitForElement(camera, '[role="alert"]');
  }),
  offers: list(
    (origin) => ({
      connections: threeConnections.slice(0, 1),
      integrations: withRowsAndOffers(origin).integrations ?? [],
    }),
    (camera) => waitForElement(camera, '[part~="offer"]'),
  ),
  search: list(withRowsAndOffers, (camera) => search(camera, 'EXAMPLE')),
  'nothing-found': list(withRowsAndOffers, (camera) => search(camera, 'Zzyzx')),
  skeleton: list(
    () => ({ connections: 'pending' }),
    (camera) => waitForElement(camera, '.skeleton'),
  ),
  empty: list(
    () => ({ connections: [] }),
    (camera) => waitForElement(camera, 'slot[name="empty"]'),
  ),
  failed: list(
    () => ({ connections: 'error' }),
    (camera) => waitForElement(camera, '[role="alert"]'),
  ),
  unsaved: list(
    (origin) => ({
      connections: [
        ...threeConnections,
        connection('google-calendar', { confirmed: false, createdAt: daysAgo(0) }),
      ],
      integrations: platforms(origin),
    }),
    async (camera) => {
      await waitForElement(camera, 'li[data-key]');
      const name = 'Finance, with a longer name';
      await camera.evaluate(
        ([saving, rejected]) => {
          const success = new CustomEvent('pica-success', { detail: { connection: saving } });
          document.dispatchEvent(Object.assign(success, { settled: new Promise(() => undefined) }));
          const error = { code: 'save-failed', connection: rejected };
          const failure = new CustomEvent('pica-error', { detail: { error }, bubbles: true });
          document.body.dispatchEvent(failure);
        },
        [
          connection('dropbox', { name, createdAt: daysAgo(0) }),
          connection('box', { createdAt: daysAgo(0) }),
        ],
      );
      await waitForElement(camera, '[data-action="retry"]');
      // The integrations may arrive after the events.
      await waitForElement(camera, '[part~="offer"]');
    },
  ),
  'integrations-failed': list(
    () => ({ connections: threeConnections, integrations: 'error' }),
    // At first, the same element says that they are being loaded.
    (camera) =>
      waitForText(camera, '[role="alert"]', 'What else can be connected could not be loaded.'),
  ),
  'refresh-failed': list(withRows, async (camera, endpoints) => {
    await waitForElement(camera, 'li[data-key]');
    endpoints.connections = 'error';
    await camera.evaluate(() => {
      void document.querySelector('pica-connections-list')?.refresh();
    }, null);
    await waitForElement(camera, '[role="alert"]');
  }),
};

/** Puts each button into the state of its `data-state`. In use, the element gets there by itself. */
const setStates = () => {
  for (const button of document.querySelectorAll('pica-connect-button')) {
    const { state = '' } = button.dataset;
    if (['loading', 'open', 'saving', 'unsaved'].includes(state)) {
      Object.defineProperty(button, 'status', { value: state });
      button.requestUpdate();
    }
    if (state === 'invalid') button.checkValidity();
  }
  // One picture shows a focused and a pressed button, so the press mustn't move the focus.
  addEventListener('mousedown', (event) => event.preventDefault());
};

const filled = (state: string) => `[data-state="${state}"]:not([appearance])`;
const quiet = (state: string) => `[data-state="${state}"][appearance]`;
const onBackground = (background: number, sample: number) =>
  `.backgrounds > :nth-child(${background}) > :nth-child(${sample}) > *`;

const button: Screen = {
  path: '/button',
  act: async (camera) => {
    await waitUntil(
      camera,
      'the elements',
      () => customElements.get('pica-connect-button') !== undefined,
      null,
    );
    await camera.evaluate(setStates, null);
    await waitUntil(
      camera,
      'the debug report',
      () =>
        document
          .querySelector('pica-connect-button[debug]')
          ?.shadowRoot?.querySelector('.controls') != null,
      null,
    );
  },
  steps: [
    { focus: filled('focus'), hover: filled('hover') },
    { focus: quiet('focus'), hover: quiet('hover') },
    { focus: onBackground(1, 1), hover: filled('active'), isPressed: true },
    { focus: onBackground(1, 2), hover: quiet('active'), isPressed: true },
    ...[2, 3].flatMap((background) => [
      { focus: onBackground(background, 1) },
      { focus: onBackground(background, 2) },
    ]),
  ],
};

const openModal = async (camera: Camera, isVisible: boolean) => {
  await waitUntil(
    camera,
    'the element',
    () => customElements.get('pica-connect-button') !== undefined,
    null,
  );
  await camera.evaluate(() => {
    void document.querySelector('pica-connect-button')?.open();
  }, null);
  await waitUntil(
    camera,
    'AuthKit',
    (status) => document.querySelector('pica-connect-button')?.getAttribute('status') === status,
    isVisible ? 'open' : 'loading',
  );
  // The modal uses the system font, which differs between machines.
  await camera.evaluate((font) => {
    const root = document.querySelector('[data-pica-connect-modal]')?.shadowRoot;
    root?.querySelector('dialog')?.style.setProperty('font-family', font);
  }, fonts.join());
};

export const screens: Record<string, Screen> = {
  ...listScreens,
  button,
  opening: {
    path: '/modal',
    height: 480,
    endpoints: () => ({ authkit: 'pending' }),
    act: (camera) => openModal(camera, false),
  },
  open: { path: '/modal', height: 480, act: (camera) => openModal(camera, true) },
};
