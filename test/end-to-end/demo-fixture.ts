import { after, afterEach, before, beforeEach, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { credentialSecret, headersOf } from '../backend/credentials.js';
import { DemoProcess, temporaryFolder } from './demo-process.js';
import type { DemoPage, Row } from './demo-page.js';
import { launch } from './chromium.js';
import { openDemo, type OpenOptions } from './open-demo.js';

/** Shares one demo and one browser between tests. Each test gets an empty database and a page of its own. */
export class DemoFixture {
  #browser: Browser | undefined;
  #origin = '';
  #demo: DemoPage | undefined;

  constructor() {
    let demo: DemoProcess | undefined;
    let folder: Awaited<ReturnType<typeof temporaryFolder>> | undefined;
    before(async () => {
      folder = await temporaryFolder();
      demo = new DemoProcess({ DATA_FOLDER: folder.path, CREDENTIAL_SECRET: credentialSecret });
      this.#browser = await launch();
      this.#origin = await demo.address();
    });
    beforeEach(() => this.#deleteConnections());
    afterEach(async () => {
      await this.#demo?.close();
      this.#demo = undefined;
    });
    after(async () => {
      await this.#browser?.close();
      await demo?.end();
      await folder?.remove();
    });
  }

  async openDemo(options?: OpenOptions): Promise<DemoPage> {
    if (!this.#browser) throw new Error('There is no browser before the first test.');
    this.#demo = await openDemo(this.#browser, this.#origin, options);
    return this.#demo;
  }

  /** Defines a test of the page. The user has just signed in. */
  it(what: string, test: (demo: DemoPage) => Promise<unknown>, options?: OpenOptions): void {
    it(what, async () => {
      await test(await this.openDemo(options));
    });
  }

  async #deleteConnections(): Promise<void> {
    // Also empty the stand-in's vault, or the backend would restore them from there.
    const config = await fetch(`${this.#origin}/api/config`);
    const { baseUrl } = (await config.json()) as { baseUrl: string };
    await fetch(new URL('/sandbox/vault', baseUrl), { method: 'DELETE' });
    for (const user of ['ada', 'grace']) {
      const headers = headersOf(user);
      const connections = `${this.#origin}/api/connections`;
      const response = await fetch(connections, { headers });
      for (const { connection_key } of ((await response.json()) as { rows: Row[] }).rows) {
        await fetch(`${connections}/${encodeURIComponent(connection_key)}`, {
          method: 'DELETE',
          headers,
        });
      }
    }
  }
}
