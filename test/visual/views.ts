import type { Page } from 'playwright-core';
import type { Endpoints } from './host-page.js';

/** What time it is in the pictures: "3 days ago" has to stay that. */
export const now = new Date('2026-01-15T12:00:00Z');

export interface View {
  endpoints: (origin: string) => Endpoints;
  /** What is done to get there, and what is waited for. */
  act: (page: Page, endpoints: Endpoints) => Promise<unknown>;
}

/** Who is asked by keyboard sees where the focus is. */
const press = (page: Page, name: string) =>
  page.getByRole('button', { name }).first().press('Enter');
const row = (page: Page) => page.getByRole('listitem').first().waitFor();
const search = (page: Page, text: string) => page.getByRole('searchbox').fill(text);

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

/** Every view of the list. */
export const views: Record<string, View> = {
  rows: {
    endpoints: (origin) => ({ connections, integrations: platforms(origin) }),
    act: row,
  },
  asking: { endpoints: withRows, act: (page) => press(page, 'Disconnect Notion') },
  deleting: {
    endpoints: (origin) => ({ ...withRows(origin), deleting: 'waits' }),
    act: async (page) => {
      await press(page, 'Disconnect Notion');
      await press(page, 'Disconnect Notion');
      await page.getByText('Disconnecting…').first().waitFor();
    },
  },
  'delete-failed': {
    endpoints: withRows,
    act: async (page) => {
      await press(page, 'Disconnect Notion');
      await press(page, 'Disconnect Notion');
      await page.getByRole('alert').waitFor();
    },
  },
  offers: {
    endpoints: (origin) => ({
      connections: few.slice(0, 1),
      integrations: withAll(origin).integrations ?? [],
    }),
    act: (page) => page.getByRole('heading', { name: 'Files' }).waitFor(),
  },
  search: { endpoints: withAll, act: (page) => search(page, 'EXAMPLE') },
  'nothing-found': { endpoints: withAll, act: (page) => search(page, 'Zzyzx') },
  skeleton: {
    endpoints: () => ({ connections: 'waits' }),
    act: (page) => page.getByText('Loading connections…').waitFor(),
  },
  empty: {
    endpoints: () => ({ connections: [] }),
    act: (page) => page.getByText('Nothing is connected yet.').waitFor(),
  },
  failed: {
    endpoints: () => ({ connections: 'fails' }),
    act: (page) => page.getByRole('alert').waitFor(),
  },
  'integrations-failed': {
    endpoints: () => ({ connections: few, integrations: 'fails' }),
    act: (page) => page.getByRole('alert').waitFor(),
  },
  'refresh-failed': {
    endpoints: withRows,
    act: async (page, endpoints) => {
      await row(page);
      endpoints.connections = 'fails';
      await page
        .locator('pica-connections-list')
        .evaluate((list) => (list as HTMLElementTagNameMap['pica-connections-list']).refresh());
      await page.getByRole('alert').waitFor();
    },
  },
};
