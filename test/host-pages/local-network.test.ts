import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { openBare } from './bare-authkit.js';
import { Surroundings } from './surroundings.js';
import { browserOptions } from '../end-to-end/chromium.js';

/*
 * Local Network Access is on in Chromium 156 without any switch; Firefox 153 and WebKitGTK 2.50 have
 * none of it, so this is for Chromium alone. Here everything is on this machine, so Chromium is told
 * that AuthKit's server is a public one, as it is in the field. The host's page and its token endpoint
 * are a developer's, on localhost.
 */

/** The permission's three names; the first is the older one, and stands for both others. */
const names = ['local-network-access', 'loopback-network', 'local-network'];

/** The endpoint that only stands for one elsewhere: nothing of it is needed but its address. */
const publicEndpoint = 'https://example.com/api/authkit/token';

interface Visit {
  /** Whether the user has allowed the host's page to use the local network. */
  isGranted?: boolean;
  /** Where the token endpoint is, to Chromium: on this machine, or next to it. */
  endpointIn?: 'loopback' | 'local';
}

describe('a token endpoint in the local network', () => {
  let surroundings: Surroundings;
  let folder = '';
  let context: BrowserContext | undefined;
  const printed: string[] = [];

  before(async () => {
    surroundings = await Surroundings.start();
  });
  afterEach(async () => {
    await context?.close();
    context = undefined;
    printed.length = 0;
    await rm(folder, { recursive: true, force: true });
  });
  after(() => surroundings.close());

  /**
   * The permission is granted in the profile, where the browser's own question writes it. By CDP it
   * would be granted to every frame, whatever its `allow` says.
   */
  async function visit({ isGranted = true, endpointIn }: Visit = {}): Promise<Page> {
    folder = await mkdtemp(join(tmpdir(), 'pica-connect-profile-'));
    const granted = { [`${surroundings.site.origin},*`]: { setting: 1 } };
    const exceptions = isGranted ? { loopback_network: granted, local_network: granted } : {};
    await mkdir(join(folder, 'Default'));
    await writeFile(
      join(folder, 'Default', 'Preferences'),
      JSON.stringify({ profile: { content_settings: { exceptions } } }),
    );
    const spaces = [`127.0.0.1:${new URL(surroundings.sandbox.origin).port}=public`];
    if (endpointIn) {
      spaces.push(`127.0.0.1:${new URL(surroundings.host.origin).port}=${endpointIn}`);
    }
    context = await chromium.launchPersistentContext(
      folder,
      browserOptions(`--ip-address-space-overrides=${spaces.join(',')}`),
    );
    context.setDefaultTimeout(20_000);
    context.on('console', (message) => printed.push(message.text()));
    return context.newPage();
  }

  async function openAuthKit(page: Page, tokenUrl = surroundings.tokenUrl): Promise<void> {
    await page.goto(surroundings.page({ markup: surroundings.button('', tokenUrl) }));
    await page.getByRole('button', { name: 'Connect' }).click();
  }

  async function openAlone(page: Page, allow?: string): Promise<void> {
    await page.goto(surroundings.page({ script: '/bare.js', markup: '' }));
    const { authkit: baseUrl, tokenUrl: url } = surroundings;
    await openBare(page, { baseUrl, token: { url } }, allow);
  }

  /** AuthKit's page in a frame of the host's markup: what a browser makes of `allow` from the start. */
  async function openFrame(page: Page, allow: string): Promise<void> {
    const data = btoa(JSON.stringify({ linkTokenEndpoint: surroundings.tokenUrl }));
    const src = `${surroundings.authkit}?data=${encodeURIComponent(data)}`;
    const markup = `<iframe id="event-link" title="AuthKit" allow="${allow}" src="${src}"></iframe>`;
    await page.goto(surroundings.page({ markup }));
  }

  /** What becomes of AuthKit's token request, by what AuthKit's page shows then. */
  async function outcome(page: Page): Promise<'reached' | 'blocked'> {
    const frame = page.frameLocator('#event-link');
    const list = frame.getByRole('button', { name: 'Gmail' });
    await list.or(frame.getByText('could not be loaded')).first().waitFor();
    return (await list.isVisible()) ? 'reached' : 'blocked';
  }

  /** Which of the names AuthKit's frame has been handed. */
  async function handedOn(page: Page): Promise<string[]> {
    const frame = page.frames().find((candidate) => candidate.parentFrame() !== null);
    if (!frame) throw new Error('There is no frame');
    return frame.evaluate((all) => {
      const { featurePolicy } = document as unknown as {
        featurePolicy: { allowsFeature: (name: string) => boolean };
      };
      return all.filter((name) => featurePolicy.allowsFeature(name));
    }, names);
  }

  it('is reached by AuthKit in pica-connect, and nothing is printed about it', async () => {
    const page = await visit();
    await openAuthKit(page);
    assert.equal(await outcome(page), 'reached');
    assert.deepEqual(await handedOn(page), names);
    assert.deepEqual(printed, []);
  });

  it('is not reached by AuthKit alone, although the user has granted it', async () => {
    const page = await visit();
    const { length } = surroundings.host.tokenRequests;
    await openAlone(page);
    assert.equal(await outcome(page), 'blocked');
    assert.deepEqual(await handedOn(page), []);
    assert.match(printed.join('\n'), /Permission was denied .+ `loopback` address space/);
    assert.equal(surroundings.host.tokenRequests.length, length);
  });

  it('is not reached by AuthKit alone with an "allow" that its frame gets after open()', async () => {
    const page = await visit();
    await openAlone(page, names.join('; '));
    assert.equal(await outcome(page), 'blocked');
    assert.deepEqual(await handedOn(page), []);
  });

  it('is not reached without the permission of the user: it is handed on, not made', async () => {
    const page = await visit({ isGranted: false });
    await openAuthKit(page);
    assert.equal(await outcome(page), 'blocked');
    assert.deepEqual(await handedOn(page), names);
  });

  it('is reached by AuthKit in pica-connect when it is another machine', async () => {
    const page = await visit({ endpointIn: 'local' });
    await openAuthKit(page);
    assert.equal(await outcome(page), 'reached');
  });

  const sufficient = {
    loopback: ['local-network-access', 'loopback-network'],
    local: ['local-network-access', 'local-network'],
  } as const;
  for (const endpointIn of ['loopback', 'local'] as const) {
    for (const name of names) {
      const expected = (sufficient[endpointIn] as readonly string[]).includes(name)
        ? 'reached'
        : 'blocked';
      it(`in the "${endpointIn}" address space is ${expected} with "${name}" alone`, async () => {
        const page = await visit({ endpointIn });
        await openFrame(page, name);
        assert.equal(await outcome(page), expected);
      });
    }
  }

  it('is no reason to print anything: Chromium knows all three names, and says which it does not', async () => {
    const page = await visit();
    await openFrame(page, [...names, 'no-such-network'].join('; '));
    await outcome(page);
    const about = printed.filter((text) => text.includes('network'));
    assert.equal(about.length, 1);
    assert.match(about[0] ?? '', /Unrecognized feature: 'no-such-network'/);
  });

  it('is the only one that it is handed on for', async () => {
    const page = await visit();
    await openAuthKit(page, publicEndpoint);
    await page.frameLocator('#event-link').getByText('could not be loaded').waitFor();
    assert.deepEqual(await handedOn(page), []);
    assert.equal(await page.locator('#event-link').getAttribute('allow'), '');
  });
});
