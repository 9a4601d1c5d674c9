import type { FrameLocator, Page } from 'playwright-core';
import type { Random } from './random.js';

/** Milliseconds for each step: where faults are switched on, much never comes. */
const timeout = 5_000;

export interface UserOptions {
  random: Random;
  /** Opens a tab with the page. */
  open: () => Promise<Page>;
  /** Stays in its tab, whose memory is looked at in the end. */
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

/** Somebody who does anything at any time in a tab. */
export class SoakUser {
  readonly #random: Random;
  readonly #open: () => Promise<Page>;
  readonly #isSteady: boolean;
  #page: Page | undefined;
  /** What was done, and how often it could be done to its end. */
  readonly done = new Map<string, { begun: number; ended: number }>();

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

  /** Does something. That it cannot be done, as its button is not there, is how it goes with chance. */
  async act(): Promise<void> {
    await this.page();
    const [name, run] = this.#random.weighted<readonly [string, () => Promise<unknown>]>([
      [['connect', () => this.#connect()], 10],
      [['disconnect', () => this.#disconnect()], 4],
      [['move an element', () => this.#move()], 3],
      [['remove an element', () => this.#remove()], 2],
      [['fill the page anew', () => this.#fill()], 1],
      [['change an attribute', () => this.#change()], 4],
      [['refresh the list', () => this.#refresh()], 1],
      [['save again', () => this.#retry()], 1],
      [['look elsewhere', () => this.#hover()], 2],
      ...(this.#isSteady
        ? []
        : ([
            [['reload', () => this.#reload()], 2],
            [['another tab', () => this.#anotherTab()], 1],
          ] as const)),
    ]);
    const count = this.done.get(name) ?? { begun: 0, ended: 0 };
    this.done.set(name, count);
    count.begun += 1;
    try {
      await run();
      count.ended += 1;
    } catch {
      await this.leave();
    }
  }

  /** Closes AuthKit, whoever has opened it. */
  async leave(): Promise<void> {
    const page = await this.page();
    await this.#script(`
      document.querySelectorAll('pica-connect-button').forEach((button) => button.close());
      if (document.querySelector('#event-link')) { empty(); fill(); }`);
    await page.locator('#event-link').waitFor({ state: 'detached', timeout: 60_000 });
  }

  /** As text: what tsx adds to functions is unknown in the page. */
  async #script(text: string): Promise<unknown> {
    return this.#tab.evaluate(text);
  }

  async #connect(): Promise<void> {
    if (this.#random.isOneIn(4)) await this.#clickOneOf('[data-action="connect"]');
    else await this.#clickOneOf('pica-connect-button:not([disabled]) button[part="button"]');
    const go = this.#authkit.getByRole('button', { name: /^(Continue to|Connect) / });
    await go.waitFor({ timeout });
    // Who has changed their mind.
    if (this.#random.isOneIn(10)) return this.#leaveSomehow();
    const [popup] = await Promise.all([
      this.#tab.waitForEvent('popup', { timeout }),
      go.click({ timeout }),
    ]);
    try {
      const decision = this.#random.weighted([
        ['Allow', 7],
        ['Deny', 1],
        ['', 1],
      ] as const);
      if (decision !== '') await popup.getByRole('button', { name: decision }).click({ timeout });
      if (decision !== 'Allow') return;
      // Some are gone before they are told.
      if (this.#random.isOneIn(6)) return;
      await this.#authkit.getByText('is connected').first().waitFor({ timeout });
    } finally {
      await popup.close();
      await this.#leaveSomehow();
    }
  }

  async #leaveSomehow(): Promise<void> {
    const ways: [() => Promise<unknown>, number][] = [
      // It goes away with what was clicked, and then nobody says that it was.
      [
        () =>
          this.#authkit
            .getByRole('button', { name: /^(Done|Close AuthKit)$/ })
            .first()
            .click({ timeout })
            .catch(() => undefined),
        4,
      ],
      [
        () =>
          this.#script(
            `document.querySelectorAll('pica-connect-button').forEach((one) => one.close())`,
          ),
        2,
      ],
      [
        () =>
          this.#script(
            `document.querySelector('pica-connect-button:is([status="open"], [status="saving"])')?.remove()`,
          ),
        1,
      ],
    ];
    if (!this.#isSteady) ways.push([() => this.#reload(), 1], [() => this.#anotherTab(), 1]);
    await this.#random.weighted(ways)();
    await this.leave();
  }

  async #disconnect(): Promise<void> {
    await this.#clickOneOf('[data-action="ask"]');
    const confirm = this.#tab.locator('[data-action="confirm"]').first();
    if (this.#random.isOneIn(5)) await this.#tab.keyboard.press('Escape');
    else await confirm.click({ timeout });
  }

  async #clickOneOf(selector: string): Promise<void> {
    const all = await this.#tab.locator(selector).all();
    if (all.length === 0) throw new Error(`There is no ${selector}.`);
    await this.#random.of(all).click({ timeout });
  }

  async #hover(): Promise<void> {
    await this.#random.of(await this.#tab.locator('pica-connect-button').all()).hover({ timeout });
  }

  async #move(): Promise<void> {
    await this.#withOne(`
      const place = document.querySelector(one.parentElement.localName === 'main' ? 'aside' : 'main');
      place.append(one);`);
  }

  async #remove(): Promise<void> {
    await this.#withOne(`
      one.remove();
      const left = document.querySelectorAll('pica-connect-button').length;
      if (left < 15 || !document.querySelector('pica-connections-list')) { empty(); fill(); }`);
  }

  async #fill(): Promise<void> {
    await this.#script('empty(); fill();');
  }

  async #change(): Promise<void> {
    const [name, values] = this.#random.of(attributes);
    const value = this.#random.of(values);
    const change = this.#random.isOneIn(3)
      ? `one.removeAttribute('${name}')`
      : `one.setAttribute('${name}', '${value}')`;
    await this.#withOne(change);
  }

  async #withOne(script: string): Promise<void> {
    const chance = this.#random.next();
    await this.#script(`{
      const all = document.querySelectorAll('pica-connect-button, pica-connections-list');
      const one = all[Math.floor(${chance} * all.length)];
      ${script}
    }`);
  }

  async #refresh(): Promise<void> {
    await this.#script(`void document.querySelector('pica-connections-list').refresh()`);
  }

  async #retry(): Promise<void> {
    await this.#script(
      `document.querySelector('pica-connect-button[status="unsaved"]')?.retrySave()`,
    );
  }

  async #reload(): Promise<void> {
    await this.#tab.evaluate('location.reload()').catch(() => undefined);
    await this.#arrive();
  }

  async #anotherTab(): Promise<void> {
    await this.#tab.close();
    this.#page = await this.#open();
  }

  /** Without a network a page does not come back: then it is another tab, later. */
  async #arrive(): Promise<void> {
    const arrived = this.#tab.waitForFunction(`'fill' in window && 'PicaConnect' in window`, null, {
      timeout,
    });
    await arrived.catch(() => this.#anotherTab());
  }
}
