import { after, afterEach, before, beforeEach, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { credentialSecret, headersOf } from '../backend/credentials.js';
import { Demo, temporaryFolder } from './demo.js';
import type { LumenPage, Row } from './lumen-page.js';
import { launch, visit, type VisitOptions } from './visit.js';

/** One demo and one browser for many tests; each test has the database empty and a page of its own. */
export class Stage {
  #browser: Browser | undefined;
  #origin = '';
  #lumen: LumenPage | undefined;

  constructor() {
    let demo: Demo | undefined;
    let folder: Awaited<ReturnType<typeof temporaryFolder>> | undefined;
    before(async () => {
      folder = await temporaryFolder();
      demo = new Demo({ DATA_FOLDER: folder.path, CREDENTIAL_SECRET: credentialSecret });
      this.#browser = await launch();
      this.#origin = await demo.address();
    });
    beforeEach(() => this.#forgetConnections());
    afterEach(async () => {
      await this.#lumen?.leave();
      this.#lumen = undefined;
    });
    after(async () => {
      await this.#browser?.close();
      await demo?.end();
      await folder?.remove();
    });
  }

  async visit(options?: VisitOptions): Promise<LumenPage> {
    if (!this.#browser) throw new Error('There is no browser before the first test.');
    this.#lumen = await visit(this.#browser, this.#origin, options);
    return this.#lumen;
  }

  /** A test of the page as a user sees it who has just signed in. */
  it(what: string, test: (lumen: LumenPage) => Promise<unknown>, options?: VisitOptions): void {
    it(what, async () => {
      await test(await this.visit(options));
    });
  }

  async #forgetConnections(): Promise<void> {
    // At Pica's stand-in as well, from where the backend would bring them back.
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
