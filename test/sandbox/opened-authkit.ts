import type { ConnectionRecord } from '@picahq/authkit/dist/types';
import type { FrameLocator, Page } from 'playwright-core';

/** What the host page has heard so far. */
export interface Heard {
  successes: ConnectionRecord[];
  errors: string[];
  closings: true[];
  /** The types of all messages, in order. */
  messages: string[];
}

interface HostWindow {
  heard: Heard;
}

/** AuthKit on the host's page, and a user in front of it. */
export class OpenedAuthKit {
  readonly frame: FrameLocator;

  constructor(readonly page: Page) {
    this.frame = page.frameLocator('#event-link');
  }

  /** Waits until there is something of this kind. */
  async heard<Kind extends keyof Heard>(kind: Kind): Promise<Heard[Kind]> {
    await this.page.waitForFunction(
      (wanted) => (window as unknown as HostWindow).heard[wanted].length > 0,
      kind,
    );
    return (await this.heardSoFar())[kind];
  }

  heardSoFar(): Promise<Heard> {
    return this.page.evaluate(() => (window as unknown as HostWindow).heard);
  }

  /** Waits for the view with this heading. */
  async shows(heading: string) {
    await this.frame.getByRole('heading', { name: heading, exact: true }).waitFor();
  }

  async press(button: string) {
    await this.frame.getByRole('button', { name: button, exact: true }).click();
  }

  /** From Gmail's view to the consent page in its popup. */
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

  async sendKey(key: string) {
    await this.frame.getByLabel('API key for OpenAI').fill(key);
    await this.press('Connect OpenAI');
  }

  async isRemoved() {
    await this.page.locator('#event-link').waitFor({ state: 'detached' });
  }
}
