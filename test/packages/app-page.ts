import type { Browser, BrowserContext, FrameLocator, Locator, Page } from 'playwright-core';
import { authkitOrigin, type AppHost } from './app-host.js';

/** A page with the elements, of a framework's app or of a CMS, as its user sees it. */
export class AppPage {
  readonly authkit: FrameLocator;
  /** What the console and the page have complained of. */
  readonly complaints: string[] = [];

  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
  ) {
    this.authkit = page.frameLocator('#event-link');
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type())) return;
      // Of AuthKit's page, where the sandbox's logos come by http; and of the feature that is switched off.
      const { url } = message.location();
      if (url.startsWith(authkitOrigin)) return;
      if (message.text().includes("Unrecognized feature: 'local-network-access'")) return;
      this.complaints.push(`${message.text()} (${url})`);
    });
  }

  static async open(browser: Browser, host: AppHost): Promise<AppPage> {
    const context = await browser.newContext();
    context.setDefaultTimeout(20_000);
    // The apps are what a user of the package would write, and say nothing of a sandbox.
    await context.route(`${authkitOrigin}/**`, async (route) => {
      const { pathname, search } = new URL(route.request().url());
      const path = pathname === '/' ? '/authkit' : pathname;
      // Its own page asks, which it is for the sandbox by the sandbox's own origin.
      const headers = await route.request().allHeaders();
      if (headers.origin === authkitOrigin) headers.origin = host.sandbox.origin;
      const url = `${host.sandbox.origin}${path}${search}`;
      await route.fulfill({ response: await route.fetch({ url, headers }) });
    });
    const app = await AppPage.at(host.origin, context);
    await app.says('#events', 'ready');
    return app;
  }

  static async at(address: string, context: BrowserContext): Promise<AppPage> {
    const app = new AppPage(await context.newPage(), context);
    await app.page.goto(address);
    return app;
  }

  /** The button of an element. */
  button(selector: string): Locator {
    return this.page.locator(selector).locator('button').first();
  }

  rows(selector: string): Locator {
    return this.page.locator(`${selector} [part="list"]`).getByRole('listitem');
  }

  /** The rows that the app itself holds; a list shows what other elements connect as well. */
  get teams(): Locator {
    return this.rows('#controlled').filter({ hasText: 'Team' });
  }

  /** From the click to the end, as a user goes. */
  async connect(selector: string, integration: string): Promise<void> {
    await this.button(selector).click();
    const [popup] = await Promise.all([
      this.page.waitForEvent('popup'),
      this.authkit.getByRole('button', { name: `Continue to ${integration}` }).click(),
    ]);
    await popup.getByRole('button', { name: 'Allow' }).click();
    await this.authkit.getByText(`${integration} is connected`).first().waitFor();
    await this.authkit.getByRole('button', { name: 'Done', exact: true }).click();
    await this.isClosed();
  }

  async isClosed(): Promise<void> {
    await this.page.locator('#event-link').waitFor({ state: 'detached' });
  }

  /** A click by script, which reaches what lies behind AuthKit too. */
  async clickBehind(selector: string): Promise<void> {
    await this.page.locator(selector).dispatchEvent('click');
  }

  /** Waits until an element has this text. */
  async says(selector: string, text: string): Promise<void> {
    await this.page.locator(selector).filter({ hasText: text }).first().waitFor();
  }
}
