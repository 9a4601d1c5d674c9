import { until, type Camera as AnyCamera } from './camera.js';
import type { Endpoints } from './host-page.js';
import { fonts, now } from './pages.js';

/** All that it takes to come to a view. */
type Camera = Pick<AnyCamera, 'evaluate'>;

/** What is done for one picture: who has the focus, what the mouse is over, and whether it is pressed. */
export interface Step {
  focus?: string;
  point?: string;
  isHeld?: boolean;
}

export interface View {
  path: string;
  endpoints?: (origin: string) => Endpoints;
  /** What is done to get there, and what is waited for. */
  act: (camera: Camera, endpoints: Endpoints) => Promise<unknown>;
  /** Of the window; without it, it is as high as the page. */
  height?: number;
  /** Only one thing can have the focus, or the mouse: each step is a picture, of which its places are taken. */
  steps?: readonly Step[];
}

const platforms = (origin: string) => [
  { platform: 'gmail', name: 'Gmail', category: 'Communication', image: `${origin}/logos/crimson` },
  { platform: 'slack', name: 'Slack', category: 'Communication', image: `${origin}/logos/purple` },
  { platform: 'notion', name: 'Notion', category: 'Productivity', image: `${origin}/logos/gray` },
  // A logo that is broken, and one that is not there.
  { platform: 'hubspot', name: 'HubSpot', category: 'CRM', image: `${origin}/nothing` },
  { platform: 'google-calendar', name: 'Google Calendar', category: 'Productivity' },
];

const others = (origin: string) => [
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
const made = (platform: string, more: object) => ({
  key: `live::${platform}::${JSON.stringify(more)}`,
  platform,
  environment: 'live',
  state: 'operational',
  ...more,
});

const connections = [
  made('gmail', { name: 'me@example.org', createdAt: daysAgo(3) }),
  made('gmail', {
    name: 'somebody.with.a.long.address@subsidiary.example.org',
    createdAt: daysAgo(40),
  }),
  made('slack', { name: 'فريق المبيعات', environment: 'test', createdAt: daysAgo(0.05) }),
  made('hubspot', { state: 'degraded', name: 'Sales', createdAt: daysAgo(400) }),
  made('notion', { state: 'failed', environment: 'test', createdAt: daysAgo(1) }),
  made('google-calendar', { state: 'unknown', name: 'Team' }),
];
const few = connections.slice(2, 5);

const withRows = (origin: string): Endpoints => ({
  connections: few,
  integrations: platforms(origin).filter(({ platform }) =>
    few.some((one) => one.platform === platform),
  ),
});
const withAll = (origin: string): Endpoints => ({
  connections,
  integrations: [...platforms(origin), ...others(origin)],
});

/** Waits for something that is shown in a list. */
const shown = (camera: Camera, selector: string) =>
  until(
    camera,
    selector,
    (wanted) =>
      document.querySelector('pica-connections-list')?.shadowRoot?.querySelector(wanted) != null,
    selector,
  );

/** Waits until something in a list says this. */
const says = (camera: Camera, selector: string, text: string) =>
  until(
    camera,
    text,
    (wanted) => {
      const root = document.querySelector('pica-connections-list')?.shadowRoot;
      return root?.querySelector(wanted.selector)?.textContent.includes(wanted.text) === true;
    },
    { selector, text },
  );

/** Who is asked by keyboard sees where the focus is. */
const press = async (camera: Camera, name: string) => {
  await shown(camera, `button[aria-label^="${name}"]`);
  await camera.evaluate((wanted) => {
    const list = document.querySelector('pica-connections-list');
    const button = list?.shadowRoot?.querySelector<HTMLElement>(`button[aria-label^="${wanted}"]`);
    button?.focus();
    button?.click();
  }, name);
};

const search = async (camera: Camera, text: string) => {
  await shown(camera, 'input');
  await camera.evaluate((value) => {
    const list = document.querySelector('pica-connections-list');
    const input = list?.shadowRoot?.querySelector('input');
    if (!input) return;
    input.focus();
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, text);
};

const list = (endpoints: View['endpoints'], act: View['act']): View => ({
  path: '/list',
  endpoints,
  act,
});

/** Every view of the list. */
export const listViews: Record<string, View> = {
  rows: list(
    (origin) => ({ connections, integrations: platforms(origin) }),
    (camera) => shown(camera, 'li[data-key]'),
  ),
  asking: list(withRows, async (camera) => {
    await press(camera, 'Disconnect Notion');
    await shown(camera, '[data-action="confirm"]');
  }),
  deleting: list(
    (origin) => ({ ...withRows(origin), deleting: 'waits' }),
    async (camera) => {
      await press(camera, 'Disconnect Notion');
      await shown(camera, '[data-action="confirm"]');
      await press(camera, 'Disconnect Notion');
      await shown(camera, 'li[aria-busy="true"]');
    },
  ),
  'delete-failed': list(withRows, async (camera) => {
    await press(camera, 'Disconnect Notion');
    await shown(camera, '[data-action="confirm"]');
    await press(camera, 'Disconnect Notion');
    await shown(camera, '[role="alert"]');
  }),
  offers: list(
    (origin) => ({
      connections: few.slice(0, 1),
      integrations: withAll(origin).integrations ?? [],
    }),
    (camera) => shown(camera, '[part~="offer"]'),
  ),
  search: list(withAll, (camera) => search(camera, 'EXAMPLE')),
  'nothing-found': list(withAll, (camera) => search(camera, 'Zzyzx')),
  skeleton: list(
    () => ({ connections: 'waits' }),
    (camera) => shown(camera, '.skeleton'),
  ),
  empty: list(
    () => ({ connections: [] }),
    (camera) => shown(camera, 'slot[name="empty"]'),
  ),
  failed: list(
    () => ({ connections: 'fails' }),
    (camera) => shown(camera, '[role="alert"]'),
  ),
  unsaved: list(
    (origin) => ({
      connections: [...few, made('google-calendar', { confirmed: false, createdAt: daysAgo(0) })],
      integrations: platforms(origin),
    }),
    async (camera) => {
      await shown(camera, 'li[data-key]');
      const name = 'Finance, with a longer name';
      await camera.evaluate(
        ([saving, refused]) => {
          const saved = new CustomEvent('pica-success', { detail: { connection: saving } });
          document.dispatchEvent(Object.assign(saved, { settled: new Promise(() => undefined) }));
          const error = { code: 'save-failed', connection: refused };
          const told = new CustomEvent('pica-error', { detail: { error }, bubbles: true });
          document.body.dispatchEvent(told);
        },
        [made('dropbox', { name, createdAt: daysAgo(0) }), made('box', { createdAt: daysAgo(0) })],
      );
      await shown(camera, '[data-action="retry"]');
      // The integrations may come after the events.
      await shown(camera, '[part~="offer"]');
    },
  ),
  'integrations-failed': list(
    () => ({ connections: few, integrations: 'fails' }),
    // It is said that they are being loaded first.
    (camera) => says(camera, '[role="alert"]', 'What else can be connected could not be loaded.'),
  ),
  'refresh-failed': list(withRows, async (camera, endpoints) => {
    await shown(camera, 'li[data-key]');
    endpoints.connections = 'fails';
    await camera.evaluate(() => {
      void document.querySelector('pica-connections-list')?.refresh();
    }, null);
    await shown(camera, '[role="alert"]');
  }),
};

/** Takes the states that the sheet asks for, each of which the element would come to by itself. */
const takeStates = () => {
  for (const button of document.querySelectorAll('pica-connect-button')) {
    const { state = '' } = button.dataset;
    if (['loading', 'open', 'saving', 'unsaved'].includes(state)) {
      Object.defineProperty(button, 'status', { value: state });
      button.requestUpdate();
    }
    if (state === 'invalid') button.checkValidity();
  }
  // What is pressed takes no focus from what is shown with it.
  addEventListener('mousedown', (event) => event.preventDefault());
};

const filled = (state: string) => `[data-state="${state}"]:not([appearance])`;
const quiet = (state: string) => `[data-state="${state}"][appearance]`;
const onGround = (ground: number, sample: number) =>
  `.grounds > :nth-child(${ground}) > :nth-child(${sample}) > *`;

const button: View = {
  path: '/button',
  act: async (camera) => {
    await until(
      camera,
      'the elements',
      () => customElements.get('pica-connect-button') !== undefined,
      null,
    );
    await camera.evaluate(takeStates, null);
    await until(
      camera,
      'the report of debug',
      () =>
        document
          .querySelector('pica-connect-button[debug]')
          ?.shadowRoot?.querySelector('.controls') != null,
      null,
    );
  },
  steps: [
    { focus: filled('focus'), point: filled('hover') },
    { focus: quiet('focus'), point: quiet('hover') },
    { focus: onGround(1, 1), point: filled('active'), isHeld: true },
    { focus: onGround(1, 2), point: quiet('active'), isHeld: true },
    ...[2, 3].flatMap((ground) => [{ focus: onGround(ground, 1) }, { focus: onGround(ground, 2) }]),
  ],
};

const openModal = async (camera: Camera, isVisible: boolean) => {
  await until(
    camera,
    'the element',
    () => customElements.get('pica-connect-button') !== undefined,
    null,
  );
  await camera.evaluate(() => {
    void document.querySelector('pica-connect-button')?.open();
  }, null);
  await until(
    camera,
    'AuthKit',
    (wanted) => document.querySelector('pica-connect-button')?.getAttribute('status') === wanted,
    isVisible ? 'open' : 'loading',
  );
  // The modal has the system's own font, which every machine has another of.
  await camera.evaluate((font) => {
    const root = document.querySelector('[data-pica-connect-modal]')?.shadowRoot;
    root?.querySelector('dialog')?.style.setProperty('font-family', font);
  }, fonts.join());
};

/** Every view there is. */
export const views: Record<string, View> = {
  ...listViews,
  button,
  opening: {
    path: '/modal',
    height: 480,
    endpoints: () => ({ authkit: 'waits' }),
    act: (camera) => openModal(camera, false),
  },
  open: { path: '/modal', height: 480, act: (camera) => openModal(camera, true) },
};
