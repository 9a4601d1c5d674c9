import type { FrameLocator, Locator, Page } from 'playwright-core';

/** The playground's parts and actions. */
export class PlaygroundPage {
  readonly button: Locator;
  readonly list: Locator;
  /** The list's rows of connections. */
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

  /** Expands all groups of fields. */
  async openGroups(): Promise<void> {
    await this.page.evaluate(() => {
      for (const group of document.querySelectorAll('details')) group.open = true;
    });
  }

  /** Waits until the list has loaded its data from the sandbox. */
  async waitUntilReady(): Promise<void> {
    await this.page.locator('#events [data-event="pica-load"]').first().waitFor();
  }

  event(name: string): Locator {
    return this.page.locator(`#events [data-event="${name}"]`).first();
  }

  /** Clicks the button, which has to be set to Gmail, and returns the consent page. */
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
    // If the click removes the frame, Chromium 156 may never answer the debugger.
    this.authkit
      .getByRole('button', { name: 'Done' })
      .click()
      .catch(() => undefined);
    await this.page.locator('#event-link').waitFor({ state: 'detached' });
  }
}
