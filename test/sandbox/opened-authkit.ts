import type { ConnectionRecord } from '@picahq/authkit/dist/types';
import type { FrameLocator, Page } from 'playwright-core';

/** The callbacks and messages that the host page has received so far. */
export interface AuthKitEvents {
  successes: ConnectionRecord[];
  errors: string[];
  closings: true[];
  /** The types of all messages, in order. */
  messages: string[];
}

interface HostWindow {
  authkitEvents: AuthKitEvents;
}

/** AuthKit on the host page, as a user sees and operates it. */
export class OpenedAuthKit {
  readonly frame: FrameLocator;

  constructor(readonly page: Page) {
    this.frame = page.frameLocator('#event-link');
  }

  /** Waits for the first event of this kind and returns all so far. */
  async waitFor<Kind extends keyof AuthKitEvents>(kind: Kind): Promise<AuthKitEvents[Kind]> {
    await this.page.waitForFunction(
      (wanted) => (window as unknown as HostWindow).authkitEvents[wanted].length > 0,
      kind,
    );
    return (await this.events())[kind];
  }

  events(): Promise<AuthKitEvents> {
    return this.page.evaluate(() => (window as unknown as HostWindow).authkitEvents);
  }

  /** Waits for the view with this heading. */
  async shows(heading: string) {
    await this.frame.getByRole('heading', { name: heading, exact: true }).waitFor();
  }

  async press(button: string) {
    await this.frame.getByRole('button', { name: button, exact: true }).click();
  }

  /** Clicks through from Gmail's view to the consent page in its popup. */
  async askConsent(): Promise<Page> {
    const [popup] = await Promise.all([
      this.page.waitForEvent('popup'),
      this.press('Continue to Gmail'),
    ]);
    await popup.getByRole('button', { name: 'Allow' }).waitFor();
    return popup;
  }

  async allow() {
    const popup = await this.askConsent();
    await popup.getByRole('button', { name: 'Allow' }).click();
    await this.shows('Gmail is connected');
  }

  async deny() {
    const popup = await this.askConsent();
    await popup.getByRole('button', { name: 'Deny' }).click();
    await this.shows('Gmail is not connected');
  }

  async submitApiKey(key: string) {
    await this.frame.getByLabel('API key for OpenAI').fill(key);
    await this.press('Connect OpenAI');
  }

  async waitUntilRemoved() {
    await this.page.locator('#event-link').waitFor({ state: 'detached' });
  }
}
