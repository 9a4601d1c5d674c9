import type { FrameLocator, Locator, Page } from 'playwright-core';

/** The playground, as its user sees it. */
export class PlaygroundPage {
  readonly button: Locator;
  readonly list: Locator;
  /** What the list shows of what is connected. */
  readonly rows: Locator;
  readonly authkit: FrameLocator;
  readonly snippet: Locator;

  constructor(readonly page: Page) {
    this.button = page.locator('#preview pica-connect-button');
    this.list = page.locator('#preview pica-connections-list');
    this.rows = this.list.locator('[part="list"] [part="item"]');
    this.authkit = page.frameLocator('#event-link');
    this.snippet = page.locator('#snippet');
  }

  field(name: string): Locator {
    return this.page.locator(`#controls [name="${name}"]`);
  }

  /** Shows all fields. */
  async openGroups(): Promise<void> {
    await this.page.evaluate(() => {
      for (const group of document.querySelectorAll('details')) group.open = true;
    });
  }

  /** Waits until the elements have asked the sandbox for what they show. */
  async isReady(): Promise<void> {
    await this.page.locator('#events [data-event="pica-load"]').first().waitFor();
  }

  event(name: string): Locator {
    return this.page.locator(`#events [data-event="${name}"]`).first();
  }

  /** Clicks the button, which is set to Gmail, and answers the consent page's window. */
  async openConsent(): Promise<Page> {
    await this.button.click();
    const [popup] = await Promise.all([
      this.page.waitForEvent('popup'),
      this.authkit.getByRole('button', { name: 'Continue to Gmail' }).click(),
    ]);
    return popup;
  }

  async connect(): Promise<void> {
    const popup = await this.openConsent();
    await popup.getByRole('button', { name: 'Allow' }).click();
    // Chromium 156 may never answer the debugger for a click whose frame has gone by then.
    this.authkit
      .getByRole('button', { name: 'Done' })
      .click()
      .catch(() => undefined);
    await this.page.locator('#event-link').waitFor({ state: 'detached' });
  }
}
