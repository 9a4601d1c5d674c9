import type { FrameLocator, Page } from 'playwright-core';
import type { Random } from './random.js';

/** Short, because many steps never finish while faults are injected. */
const stepTimeoutMs = 5_000;

export interface UserOptions {
  random: Random;
  /** Opens the page in a new tab. */
  open: () => Promise<Page>;
  /** Stays in its tab, whose memory is compared at the end. */
  isSteady: boolean;
}

const attributes: [name: string, values: string[]][] = [
  ['app-theme', ['light', 'dark', 'auto']],
  ['selected-connection', ['Gmail', 'gmail', 'Slack', 'No such thing', '']],
  ['token-check', ['auto', 'off']],
  ['preload', ['none', 'connect', 'page']],
  ['lang', ['en', 'de', 'ar', 'ja']],
  ['dir', ['ltr', 'rtl']],
  ['company-name', ['Lumen', '日本語']],
  ['modal-title', ['Connect', '']],
  ['disabled', ['']],
  ['debug', ['']],
];

/** A user who acts at random in one tab. */
export class SoakUser {
  readonly #random: Random;
  readonly #open: () => Promise<Page>;
  readonly #isSteady: boolean;
  #page: Page | undefined;
  /** How often each action was started and how often it was completed. */
  readonly actionCounts = new Map<string, { started: number; completed: number }>();

  constructor({ random, open, isSteady }: UserOptions) {
    this.#random = random;
    this.#open = open;
    this.#isSteady = isSteady;
  }

  async page(): Promise<Page> {
    this.#page ??= await this.#open();
    return this.#page;
  }

  get #authkit(): FrameLocator {
    return this.#tab.frameLocator('#event-link');
  }

  get #tab(): Page {
    if (!this.#page) throw new Error('There is no tab.');
    return this.#page;
  }

  /** Runs a random action. One that cannot be completed, for example for lack of a button, is no failure. */
  async act(): Promise<void> {
    await this.page();
    const [name, run] = this.#random.weighted<readonly [string, () => Promise<unknown>]>([
      [['connect', () => this.#connect()], 10],
      [['disconnect', () => this.#disconnect()], 4],
      [['move an element', () => this.#move()], 3],
      [['remove an element', () => this.#remove()], 2],
      [['refill the page', () => this.#refill()], 1],
      [['change an attribute', () => this.#changeAttribute()], 4],
      [['refresh the list', () => this.#refresh()], 1],
      [['retry a save', () => this.#retrySave()], 1],
      [['hover over a button', () => this.#hover()], 2],
      ...(this.#isSteady
        ? []
        : ([
            [['reload', () => this.#reload()], 2],
            [['open another tab', () => this.#openAnotherTab()], 1],
          ] as const)),
    ]);
    const count = this.actionCounts.get(name) ?? { started: 0, completed: 0 };
    this.actionCounts.set(name, count);
    count.started += 1;
    try {
      await run();
      count.completed += 1;
    } catch {
      await this.closeAuthKit();
    }
  }

  /** Closes AuthKit, whichever element opened it. */
  async closeAuthKit(): Promise<void> {
    const page = await this.page();
    await this.#evaluate(`
      document.querySelectorAll('pica-connect-button').forEach((button) => button.close());
      if (document.querySelector('#event-link')) { empty(); fill(); }`);
    await page.locator('#event-link').waitFor({ state: 'detached', timeout: 60_000 });
  }

  /** Runs a script in the page. It is text because tsx adds helpers to functions that the page lacks. */
  async #evaluate(text: string): Promise<unknown> {
    return this.#tab.evaluate(text);
  }

  async #connect(): Promise<void> {
    if (this.#random.isOneIn(4)) await this.#clickRandom('[data-action="connect"]');
    else await this.#clickRandom('pica-connect-button:not([disabled]) button[part="button"]');
    const go = this.#authkit.getByRole('button', { name: /^(Continue to|Connect) / });
    await go.waitFor({ timeout: stepTimeoutMs });
    // Some users change their mind.
    if (this.#random.isOneIn(10)) return this.#closeAuthKitRandomly();
    const [popup] = await Promise.all([
      this.#tab.waitForEvent('popup', { timeout: stepTimeoutMs }),
      go.click({ timeout: stepTimeoutMs }),
    ]);
    try {
      const decision = this.#random.weighted([
        ['Allow', 7],
        ['Deny', 1],
        ['', 1],
      ] as const);
      if (decision !== '')
        await popup.getByRole('button', { name: decision }).click({ timeout: stepTimeoutMs });
      if (decision !== 'Allow') return;
      // Some users leave before AuthKit reports the success.
      if (this.#random.isOneIn(6)) return;
      await this.#authkit.getByText('is connected').first().waitFor({ timeout: stepTimeoutMs });
    } finally {
      await popup.close();
      await this.#closeAuthKitRandomly();
    }
  }

  async #closeAuthKitRandomly(): Promise<void> {
    const ways: [() => Promise<unknown>, number][] = [
      // The click removes the iframe, so Playwright may not learn that it succeeded.
      [
        () =>
          this.#authkit
            .getByRole('button', { name: /^(Done|Close AuthKit)$/ })
            .first()
            .click({ timeout: stepTimeoutMs })
            .catch(() => undefined),
        4,
      ],
      [
        () =>
          this.#evaluate(
            `document.querySelectorAll('pica-connect-button').forEach((one) => one.close())`,
          ),
        2,
      ],
      [
        () =>
          this.#evaluate(
            `document.querySelector('pica-connect-button:is([status="open"], [status="saving"])')?.remove()`,
          ),
        1,
      ],
    ];
    if (!this.#isSteady) ways.push([() => this.#reload(), 1], [() => this.#openAnotherTab(), 1]);
    await this.#random.weighted(ways)();
    await this.closeAuthKit();
  }

  async #disconnect(): Promise<void> {
    await this.#clickRandom('[data-action="ask"]');
    const confirm = this.#tab.locator('[data-action="confirm"]').first();
    if (this.#random.isOneIn(5)) await this.#tab.keyboard.press('Escape');
    else await confirm.click({ timeout: stepTimeoutMs });
  }

  async #clickRandom(selector: string): Promise<void> {
    const all = await this.#tab.locator(selector).all();
    if (all.length === 0) throw new Error(`There is no ${selector}.`);
    await this.#random.of(all).click({ timeout: stepTimeoutMs });
  }

  async #hover(): Promise<void> {
    await this.#random
      .of(await this.#tab.locator('pica-connect-button').all())
      .hover({ timeout: stepTimeoutMs });
  }

  async #move(): Promise<void> {
    await this.#withRandomElement(`
      const container = document.querySelector(one.parentElement.localName === 'main' ? 'aside' : 'main');
      container.append(one);`);
  }

  async #remove(): Promise<void> {
    await this.#withRandomElement(`
      one.remove();
      const remaining = document.querySelectorAll('pica-connect-button').length;
      if (remaining < 15 || !document.querySelector('pica-connections-list')) { empty(); fill(); }`);
  }

  async #refill(): Promise<void> {
    await this.#evaluate('empty(); fill();');
  }

  async #changeAttribute(): Promise<void> {
    const [name, values] = this.#random.of(attributes);
    const value = this.#random.of(values);
    const change = this.#random.isOneIn(3)
      ? `one.removeAttribute('${name}')`
      : `one.setAttribute('${name}', '${value}')`;
    await this.#withRandomElement(change);
  }

  async #withRandomElement(script: string): Promise<void> {
    const chance = this.#random.next();
    await this.#evaluate(`{
      const all = document.querySelectorAll('pica-connect-button, pica-connections-list');
      const one = all[Math.floor(${chance} * all.length)];
      ${script}
    }`);
  }

  async #refresh(): Promise<void> {
    await this.#evaluate(`void document.querySelector('pica-connections-list').refresh()`);
  }

  async #retrySave(): Promise<void> {
    await this.#evaluate(
      `document.querySelector('pica-connect-button[status="unsaved"]')?.retrySave()`,
    );
  }

  async #reload(): Promise<void> {
    await this.#tab.evaluate('location.reload()').catch(() => undefined);
    await this.#waitForPage();
  }

  async #openAnotherTab(): Promise<void> {
    await this.#tab.close();
    this.#page = await this.#open();
  }

  /** A reload without a network leaves no page. Then another tab is opened, which retries. */
  async #waitForPage(): Promise<void> {
    const loaded = this.#tab.waitForFunction(`'fill' in window && 'PicaConnect' in window`, null, {
      timeout: stepTimeoutMs,
    });
    await loaded.catch(() => this.#openAnotherTab());
  }
}
