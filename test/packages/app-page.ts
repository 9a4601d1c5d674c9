import type { Browser, BrowserContext, FrameLocator, Locator, Page } from 'playwright-core';
import { authkitOrigin, type AppHost } from './app-host.js';

/** A page with the elements, of a framework's app or of a CMS. */
export class AppPage {
  readonly authkit: FrameLocator;
  /** Errors and warnings in the console. */
  readonly consoleErrors: string[] = [];

  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
  ) {
    this.authkit = page.frameLocator('#event-link');
    page.on('pageerror', (error) => this.consoleErrors.push(error.message));
    page.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type())) return;
      // AuthKit's page warns about the sandbox's logos, which have http: URLs.
      const { url } = message.location();
      if (url.startsWith(authkitOrigin)) return;
      // These tests turn this feature off.
      if (message.text().includes("Unrecognized feature: 'local-network-access'")) return;
      this.consoleErrors.push(`${message.text()} (${url})`);
    });
  }

  static async open(browser: Browser, host: AppHost): Promise<AppPage> {
    const context = await browser.newContext();
    context.setDefaultTimeout(20_000);
    // The apps are written as for production, so requests to AuthKit are redirected to the sandbox.
    await context.route(`${authkitOrigin}/**`, async (route) => {
      const { pathname, search } = new URL(route.request().url());
      const path = pathname === '/' ? '/authkit' : pathname;
      // The sandbox accepts these requests only from its own origin.
      const headers = await route.request().allHeaders();
      if (headers.origin === authkitOrigin) headers.origin = host.sandbox.origin;
      const url = `${host.sandbox.origin}${path}${search}`;
      await route.fulfill({ response: await route.fetch({ url, headers }) });
    });
    const app = await AppPage.at(host.origin, context);
    await app.waitForText('#events', 'ready');
    return app;
  }

  static async at(address: string, context: BrowserContext): Promise<AppPage> {
    const app = new AppPage(await context.newPage(), context);
    await app.page.goto(address);
    return app;
  }

  button(selector: string): Locator {
    return this.page.locator(selector).locator('button').first();
  }

  rows(selector: string): Locator {
    return this.page.locator(`${selector} [part="list"]`).getByRole('listitem');
  }

  /** The rows that the app itself sets. The list shows connections of other elements, too. */
  get teams(): Locator {
    return this.rows('#controlled').filter({ hasText: 'Team' });
  }

  async connect(selector: string, integration: string): Promise<void> {
    await this.button(selector).click();
    const [popup] = await Promise.all([
      this.page.waitForEvent('popup'),
      this.authkit.getByRole('button', { name: `Continue to ${integration}` }).click(),
    ]);
    await popup.getByRole('button', { name: 'Allow' }).click();
    await this.authkit.getByText(`${integration} is connected`).first().waitFor();
    await this.authkit.getByRole('button', { name: 'Done', exact: true }).click();
    await this.waitUntilClosed();
  }

  async waitUntilClosed(): Promise<void> {
    await this.page.locator('#event-link').waitFor({ state: 'detached' });
  }

  /** Clicks by script, which also works on elements behind AuthKit's modal. */
  async clickBehind(selector: string): Promise<void> {
    await this.page.locator(selector).dispatchEvent('click');
  }

  async waitForText(selector: string, text: string): Promise<void> {
    await this.page.locator(selector).filter({ hasText: text }).first().waitFor();
  }
}
