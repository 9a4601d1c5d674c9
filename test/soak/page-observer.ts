import type { BrowserContext, ConsoleMessage, Page } from 'playwright-core';

/** Console messages that browsers and the elements write for a failing network or a page that is left. */
const expectedMessages = [
  /^Failed to load resource/,
  /net::ERR_/,
  /status of \d+/,
  /^Access to fetch at .* blocked by CORS policy/,
  /^pica-connect: /,
];

/** Records what happens in the pages, without the help of the elements. */
export class PageObserver {
  /** The keys that AuthKit has reported to a page, stored or not. */
  readonly reportedKeys = new Set<string>();
  readonly errors: string[] = [];
  /** How often each expected message was written. */
  readonly messageCounts = new Map<string, number>();

  async watch(context: BrowserContext, authkit: string): Promise<void> {
    await context.exposeBinding('reportKey', (_, key: string) => void this.reportedKeys.add(key));
    // Runs before the page's own scripts, so that it receives every message. Only AuthKit's iframe counts.
    await context.addInitScript(`
      if (window === top) addEventListener('message', ({ source, origin, data }) => {
        if (origin !== '${authkit}' || data?.messageType !== 'LINK_SUCCESS') return;
        if (source === document.querySelector('#event-link')?.contentWindow) reportKey(data.message.key);
      });`);
    context.on('page', (page) => this.#listen(page));
  }

  #listen(page: Page): void {
    page.on('pageerror', (error) => this.errors.push(String(error.stack ?? error)));
    page.on('crash', () => this.errors.push('A page has crashed.'));
    page.on('console', (message) => this.#onConsole(message));
  }

  #onConsole(message: ConsoleMessage): void {
    if (!['error', 'warning'].includes(message.type())) return;
    const text = message.text();
    if (!expectedMessages.some((pattern) => pattern.test(text))) {
      this.errors.push(`${message.type()}: ${text}`);
      return;
    }
    const firstLine = text.split('\n')[0]?.slice(0, 120) ?? '';
    this.messageCounts.set(firstLine, (this.messageCounts.get(firstLine) ?? 0) + 1);
  }
}
