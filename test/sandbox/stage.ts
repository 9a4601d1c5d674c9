import { after, afterEach, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launch } from '../end-to-end/visit.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import type { VaultRow } from '../../demo/sandbox/vault.js';
import { startHost, type Host } from './host.js';
import { OpenedAuthKit } from './opened-authkit.js';
import { ask } from './requests.js';

/** AuthKit's own, but for what every opening has in common. */
export interface Options {
  tokenPath?: string;
  headers?: Record<string, string>;
  selectedConnection?: string;
  title?: string;
  imageUrl?: string;
  companyName?: string;
  showNameInput?: boolean;
  appTheme?: 'light' | 'dark';
}

/** A sandbox, a host and a browser for the tests of one file; faults and vault are emptied after each. */
export class Stage {
  #parts: { sandbox: Sandbox; host: Host; browser: Browser } | undefined;

  constructor() {
    before(() => this.#set());
    afterEach(async () => {
      await ask(this.sandbox, '/sandbox/faults', { method: 'DELETE' });
      await ask(this.sandbox, '/sandbox/vault', { method: 'DELETE' });
    });
    after(() => this.#strike());
  }

  get sandbox() {
    return this.#standing.sandbox;
  }

  get host() {
    return this.#standing.host;
  }

  get #standing() {
    if (!this.#parts) throw new Error('The stage is set only while tests run.');
    return this.#parts;
  }

  /** A test of AuthKit, opened with these options. */
  opened(name: string, options: Options, run: (authkit: OpenedAuthKit) => Promise<void>) {
    test(name, async () => {
      const context = await this.#standing.browser.newContext();
      try {
        const page = await context.newPage();
        await page.goto(this.host.origin);
        await page.evaluate(
          (props) => (window as unknown as { openAuthKit(p: object): void }).openAuthKit(props),
          this.#propsFrom(options),
        );
        await run(new OpenedAuthKit(page));
      } finally {
        await context.close();
      }
    });
  }

  async vaultRows() {
    return (await ask<{ rows: VaultRow[] }>(this.sandbox, '/sandbox/vault')).body.rows;
  }

  #propsFrom({ tokenPath = '/token/good', headers, ...options }: Options) {
    return {
      ...options,
      baseUrl: `${this.sandbox.origin}/authkit`,
      token: { url: this.host.origin + tokenPath, headers },
    };
  }

  async #set() {
    const sandbox = await startSandbox();
    const host = await startHost(sandbox);
    const browser = await launch();
    this.#parts = { sandbox, host, browser };
  }

  async #strike() {
    const { sandbox, host, browser } = this.#standing;
    await browser.close();
    await Promise.all([sandbox.close(), host.close()]);
  }
}
