import { after, afterEach, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launch } from '../end-to-end/chromium.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import type { VaultRow } from '../../demo/sandbox/vault.js';
import { startHost, type Host } from './host.js';
import { OpenedAuthKit } from './opened-authkit.js';
import { ask } from './requests.js';

/** Options of `useAuthKit` that differ between tests. */
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

/** A sandbox, a host page and a browser for the tests of one file. Clears faults and vault after each test. */
export class SandboxFixture {
  #running: { sandbox: Sandbox; host: Host; browser: Browser } | undefined;

  constructor() {
    before(() => this.#start());
    afterEach(async () => {
      await ask(this.sandbox, '/sandbox/faults', { method: 'DELETE' });
      await ask(this.sandbox, '/sandbox/vault', { method: 'DELETE' });
    });
    after(() => this.#stop());
  }

  get sandbox() {
    return this.#servers.sandbox;
  }

  get host() {
    return this.#servers.host;
  }

  get #servers() {
    if (!this.#running) throw new Error('The servers run only during tests.');
    return this.#running;
  }

  /** Defines a test that runs after AuthKit was opened with these options. */
  testOpened(name: string, options: Options, run: (authkit: OpenedAuthKit) => Promise<void>) {
    test(name, async () => {
      const context = await this.#servers.browser.newContext();
      try {
        const page = await context.newPage();
        await page.goto(this.host.origin);
        await page.evaluate(
          (given) =>
            (window as unknown as { openAuthKit(options: object): void }).openAuthKit(given),
          this.#authkitOptions(options),
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

  #authkitOptions({ tokenPath = '/token/good', headers, ...options }: Options) {
    return {
      ...options,
      baseUrl: `${this.sandbox.origin}/authkit`,
      token: { url: this.host.origin + tokenPath, headers },
    };
  }

  async #start() {
    const sandbox = await startSandbox();
    const host = await startHost(sandbox);
    const browser = await launch();
    this.#running = { sandbox, host, browser };
  }

  async #stop() {
    const { sandbox, host, browser } = this.#servers;
    await browser.close();
    await Promise.all([sandbox.close(), host.close()]);
  }
}
