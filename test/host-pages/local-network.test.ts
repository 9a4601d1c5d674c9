import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { openBareAuthKit } from './bare-authkit.js';
import { HostEnvironment } from './host-environment.js';
import { browserOptions } from '../end-to-end/chromium.js';

/*
 * Chromium 156 has Local Network Access without any flag. Firefox 153 and WebKitGTK 2.50 lack it, so these tests
 * run in Chromium only. All servers here are on this machine, so a flag makes Chromium treat AuthKit's server as
 * a public one, as the real one is. The host's page and its token endpoint are on localhost, as during development.
 */

/** The names of the permission. The first is the oldest and covers the other two. */
const permissions = ['local-network-access', 'loopback-network', 'local-network'];

/** Only its address matters: no server has to respond there. */
const publicEndpoint = 'https://example.com/api/authkit/token';

interface Visit {
  /** Whether the user has allowed the host's page to use the local network. */
  isGranted?: boolean;
  /** The address space in which Chromium sees the token endpoint: this machine, or its network. */
  endpointIn?: 'loopback' | 'local';
}

describe('a token endpoint on the local network', () => {
  let environment: HostEnvironment;
  let folder = '';
  let context: BrowserContext | undefined;
  const consoleMessages: string[] = [];

  before(async () => {
    environment = await HostEnvironment.start();
  });
  afterEach(async () => {
    await context?.close();
    context = undefined;
    consoleMessages.length = 0;
    await rm(folder, { recursive: true, force: true });
  });
  after(() => environment.close());

  /**
   * Grants the permission in the profile, where the browser's own prompt stores it. CDP would grant it to every
   * frame, regardless of its `allow` attribute.
   */
  async function visit({ isGranted = true, endpointIn }: Visit = {}): Promise<Page> {
    folder = await mkdtemp(join(tmpdir(), 'pica-connect-profile-'));
    const granted = { [`${environment.site.origin},*`]: { setting: 1 } };
    const exceptions = isGranted ? { loopback_network: granted, local_network: granted } : {};
    await mkdir(join(folder, 'Default'));
    await writeFile(
      join(folder, 'Default', 'Preferences'),
      JSON.stringify({ profile: { content_settings: { exceptions } } }),
    );
    const spaces = [`127.0.0.1:${new URL(environment.sandbox.origin).port}=public`];
    if (endpointIn) {
      spaces.push(`127.0.0.1:${new URL(environment.host.origin).port}=${endpointIn}`);
    }
    context = await chromium.launchPersistentContext(
      folder,
      browserOptions(`--ip-address-space-overrides=${spaces.join(',')}`),
    );
    context.setDefaultTimeout(20_000);
    context.on('console', (message) => consoleMessages.push(message.text()));
    return context.newPage();
  }

  async function openAuthKit(page: Page, tokenUrl = environment.tokenUrl): Promise<void> {
    await page.goto(environment.page({ markup: environment.button('', tokenUrl) }));
    await page.getByRole('button', { name: 'Connect' }).click();
  }

  async function openAlone(page: Page, allow?: string): Promise<void> {
    await page.goto(environment.page({ script: '/bare.js', markup: '' }));
    const { authkit: baseUrl, tokenUrl: url } = environment;
    await openBareAuthKit(page, { baseUrl, token: { url } }, allow);
  }

  /** Loads AuthKit's page in a frame that has `allow` from the start, because it is in the page's markup. */
  async function openFrame(page: Page, allow: string): Promise<void> {
    const data = btoa(JSON.stringify({ linkTokenEndpoint: environment.tokenUrl }));
    const src = `${environment.authkit}?data=${encodeURIComponent(data)}`;
    const markup = `<iframe id="event-link" title="AuthKit" allow="${allow}" src="${src}"></iframe>`;
    await page.goto(environment.page({ markup }));
  }

  /** Whether AuthKit's page reached the token endpoint, judged by what it shows. */
  async function outcomeOf(page: Page): Promise<'reached' | 'blocked'> {
    const frame = page.frameLocator('#event-link');
    const list = frame.getByRole('button', { name: 'Gmail' });
    await list.or(frame.getByText('could not be loaded')).first().waitFor();
    return (await list.isVisible()) ? 'reached' : 'blocked';
  }

  /** The permissions that AuthKit's frame has. */
  async function delegatedPermissions(page: Page): Promise<string[]> {
    const frame = page.frames().find((candidate) => candidate.parentFrame() !== null);
    if (!frame) throw new Error('There is no frame');
    return frame.evaluate((names) => {
      const { featurePolicy } = document as unknown as {
        featurePolicy: { allowsFeature: (name: string) => boolean };
      };
      return names.filter((name) => featurePolicy.allowsFeature(name));
    }, permissions);
  }

  it('is reached by AuthKit in pica-connect, without a console message', async () => {
    const page = await visit();
    await openAuthKit(page);
    assert.equal(await outcomeOf(page), 'reached');
    assert.deepEqual(await delegatedPermissions(page), permissions);
    assert.deepEqual(consoleMessages, []);
  });

  it('is not reached by AuthKit alone, although the user has granted it', async () => {
    const page = await visit();
    const requestsBefore = environment.host.tokenRequests.length;
    await openAlone(page);
    assert.equal(await outcomeOf(page), 'blocked');
    assert.deepEqual(await delegatedPermissions(page), []);
    assert.match(consoleMessages.join('\n'), /Permission was denied .+ `loopback` address space/);
    assert.equal(environment.host.tokenRequests.length, requestsBefore);
  });

  it('is not reached by AuthKit alone if its frame gets "allow" after open()', async () => {
    const page = await visit();
    await openAlone(page, permissions.join('; '));
    assert.equal(await outcomeOf(page), 'blocked');
    assert.deepEqual(await delegatedPermissions(page), []);
  });

  it('is not reached without the user’s permission, which pica-connect only delegates', async () => {
    const page = await visit({ isGranted: false });
    await openAuthKit(page);
    assert.equal(await outcomeOf(page), 'blocked');
    assert.deepEqual(await delegatedPermissions(page), permissions);
  });

  it('is reached by AuthKit in pica-connect if it is on another machine', async () => {
    const page = await visit({ endpointIn: 'local' });
    await openAuthKit(page);
    assert.equal(await outcomeOf(page), 'reached');
  });

  const sufficient = {
    loopback: ['local-network-access', 'loopback-network'],
    local: ['local-network-access', 'local-network'],
  } as const;
  for (const endpointIn of ['loopback', 'local'] as const) {
    for (const name of permissions) {
      const expected = (sufficient[endpointIn] as readonly string[]).includes(name)
        ? 'reached'
        : 'blocked';
      it(`in the "${endpointIn}" address space is ${expected} with "${name}" alone`, async () => {
        const page = await visit({ endpointIn });
        await openFrame(page, name);
        assert.equal(await outcomeOf(page), expected);
      });
    }
  }

  it('causes no warning about the names of the permission, all of which Chromium knows', async () => {
    const page = await visit();
    await openFrame(page, [...permissions, 'no-such-network'].join('; '));
    await outcomeOf(page);
    const warnings = consoleMessages.filter((text) => text.includes('network'));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /Unrecognized feature: 'no-such-network'/);
  });

  it('is the only kind for which the permission is delegated', async () => {
    const page = await visit();
    await openAuthKit(page, publicEndpoint);
    await page.frameLocator('#event-link').getByText('could not be loaded').waitFor();
    assert.deepEqual(await delegatedPermissions(page), []);
    assert.equal(await page.locator('#event-link').getAttribute('allow'), '');
  });
});
