import assert from 'node:assert/strict';
import type { FrameLocator, Locator, Page } from 'playwright-core';

/** A row of the host's table, as `/api/connections` returns it. */
export interface Row {
  user_id: string;
  platform: string;
  connection_key: string;
  environment: string;
  state: string;
  name: string | null;
}

const names = { ada: 'Ada Lovelace', grace: 'Grace Hopper' };

/** The demo's page as the user sees it. */
export class DemoPage {
  /** AuthKit's frame. */
  readonly authkit: FrameLocator;
  /** The items of the list, one for each connection. */
  readonly items: Locator;

  constructor(readonly page: Page) {
    this.authkit = page.frameLocator('#event-link');
    this.items = page.locator('pica-connections-list [part="list"]').getByRole('listitem');
  }

  async signIn(user: keyof typeof names): Promise<void> {
    await this.page.getByRole('button', { name: names[user] }).click();
    await this.page.getByRole('heading', { name: 'Integrations' }).waitFor();
  }

  button(name: string): Locator {
    // The list below has buttons of the same names, for integrations that are not connected yet.
    return this.page.getByRole('button', { name, exact: true }).first();
  }

  /** Clicks a button in AuthKit. */
  async clickInAuthkit(name: string): Promise<void> {
    await this.authkit.getByRole('button', { name, exact: true }).click();
  }

  /**
   * Clicks a button that closes AuthKit. Waits only until AuthKit has closed: Chromium 156 may never answer the
   * debugger for a click whose frame has been removed.
   */
  async closeWith(name: string): Promise<void> {
    // AuthKit's frame appears a moment after the click that opens it. Until then it would count as closed.
    await this.authkit.getByRole('button', { name, exact: true }).waitFor();
    this.clickInAuthkit(name).catch(() => undefined);
    await this.waitUntilClosed();
  }

  /** Waits until AuthKit shows this text. */
  async waitForText(text: string): Promise<void> {
    await this.authkit.getByText(text).first().waitFor();
  }

  /** Opens AuthKit for an integration, and then its consent page in a popup. */
  async openConsent(integration: string): Promise<Page> {
    await this.button(`Connect ${integration}`).click();
    const [popup] = await Promise.all([
      this.page.waitForEvent('popup'),
      this.clickInAuthkit(`Continue to ${integration}`),
    ]);
    return popup;
  }

  async connect(integration: string): Promise<void> {
    const popup = await this.openConsent(integration);
    await popup.getByRole('button', { name: 'Allow' }).click();
    await this.waitForText(`${integration} is connected`);
    await this.closeWith('Done');
  }

  async waitUntilClosed(): Promise<void> {
    await this.page.locator('#event-link').waitFor({ state: 'detached' });
  }

  /**
   * Closes AuthKit with a key, which is released only after AuthKit has closed: Chromium 156 never answers the
   * debugger for a key that is released in a frame that is being removed.
   */
  async closeWithKey(key: 'Enter' | 'Escape'): Promise<void> {
    await this.page.keyboard.down(key);
    await this.waitUntilClosed();
    await this.page.keyboard.up(key);
  }

  /** The newest event of this name in the page's log. */
  async event(name: string): Promise<{ detail: unknown }> {
    const entry = this.page.locator(`[data-event="${name}"]`).first();
    const text = await entry.locator('pre').textContent();
    return { detail: JSON.parse(text ?? '') as unknown };
  }

  /** The names of the events in the page's log, oldest first. */
  async events(): Promise<(string | null)[]> {
    const entries = await this.page.locator('[data-event]').all();
    const all = await Promise.all(entries.map((entry) => entry.getAttribute('data-event')));
    return all.reverse();
  }

  /** The signed-in user's rows in the database. */
  async rows(): Promise<Row[]> {
    const response = await this.page.request.get('/api/connections');
    assert.equal(response.status(), 200);
    return ((await response.json()) as { rows: Row[] }).rows;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
