import assert from 'node:assert/strict';
import type { FrameLocator, Locator, Page } from 'playwright-core';

/** A row of the host's table, as `/api/connections` answers it. */
export interface Row {
  user_id: string;
  platform: string;
  connection_key: string;
  environment: string;
  state: string;
  name: string | null;
}

const names = { ada: 'Ada Lovelace', grace: 'Grace Hopper' };

/** The demo's page, as its user sees it. */
export class LumenPage {
  /** What is shown of AuthKit. */
  readonly authkit: FrameLocator;
  /** What the list shows of what is connected. */
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
    // The list below offers what is not connected yet by buttons of the same names.
    return this.page.getByRole('button', { name, exact: true }).first();
  }

  /** In AuthKit. */
  async press(name: string): Promise<void> {
    await this.authkit.getByRole('button', { name, exact: true }).click();
  }

  /**
   * Presses a button in AuthKit by which it closes. That it closes is all that is waited for: Chromium 156
   * may never answer the debugger for a click whose frame has gone by then.
   */
  async leaveBy(name: string): Promise<void> {
    // Its frame is made up to 300 ms after the click that opens it: before that it looks like one that has gone.
    await this.authkit.getByRole('button', { name, exact: true }).waitFor();
    this.press(name).catch(() => undefined);
    await this.authkitCloses();
  }

  /** Waits until AuthKit shows this. */
  async shows(text: string): Promise<void> {
    await this.authkit.getByText(text).first().waitFor();
  }

  /** Opens AuthKit at an integration, and its consent page in a popup. */
  async openConsent(integration: string): Promise<Page> {
    await this.button(`Connect ${integration}`).click();
    const [popup] = await Promise.all([
      this.page.waitForEvent('popup'),
      this.press(`Continue to ${integration}`),
    ]);
    return popup;
  }

  async connect(integration: string): Promise<void> {
    const popup = await this.openConsent(integration);
    await popup.getByRole('button', { name: 'Allow' }).click();
    await this.shows(`${integration} is connected`);
    await this.leaveBy('Done');
  }

  async authkitCloses(): Promise<void> {
    await this.page.locator('#event-link').waitFor({ state: 'detached' });
  }

  /**
   * Closes AuthKit by a key, which is let go only then: Chromium 156 never answers the debugger for a
   * key that goes up in a frame that is just being taken away.
   */
  async closeBy(key: 'Enter' | 'Escape'): Promise<void> {
    await this.page.keyboard.down(key);
    await this.authkitCloses();
    await this.page.keyboard.up(key);
  }

  /** The newest event of this name in the page's log. */
  async event(name: string): Promise<{ detail: unknown }> {
    const entry = this.page.locator(`[data-event="${name}"]`).first();
    const text = await entry.locator('pre').textContent();
    return { detail: JSON.parse(text ?? '') as unknown };
  }

  /** The names in the page's log, the oldest first. */
  async events(): Promise<(string | null)[]> {
    const entries = await this.page.locator('[data-event]').all();
    const all = await Promise.all(entries.map((entry) => entry.getAttribute('data-event')));
    return all.reverse();
  }

  /** What the database holds of the signed-in user. */
  async rows(): Promise<Row[]> {
    const response = await this.page.request.get('/api/connections');
    assert.equal(response.status(), 200);
    return ((await response.json()) as { rows: Row[] }).rows;
  }

  async leave(): Promise<void> {
    await this.page.context().close();
  }
}
