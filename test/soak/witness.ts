import type { BrowserContext, ConsoleMessage, Page } from 'playwright-core';

/** What a network that fails, and a page that is left, make a browser write; and what the elements say of that. */
const expected = [
  /^Failed to load resource/,
  /net::ERR_/,
  /status of \d+/,
  /^Access to fetch at .* blocked by CORS policy/,
  /^pica-connect: /,
];

/** What happened in the pages, from outside the elements. */
export class Witness {
  /** The keys that AuthKit has told a page, whatever became of them. */
  readonly reported = new Set<string>();
  readonly errors: string[] = [];
  /** What was expected to be said, how often. */
  readonly said = new Map<string, number>();

  async watch(context: BrowserContext, authkit: string): Promise<void> {
    await context.exposeBinding('tellReported', (_, key: string) => void this.reported.add(key));
    // Before the page's own scripts, so that it hears everything. Only what AuthKit's frame says counts.
    await context.addInitScript(`
      if (window === top) addEventListener('message', ({ source, origin, data }) => {
        if (origin !== '${authkit}' || data?.messageType !== 'LINK_SUCCESS') return;
        if (source === document.querySelector('#event-link')?.contentWindow) tellReported(data.message.key);
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
    if (!expected.some((pattern) => pattern.test(text))) {
      this.errors.push(`${message.type()}: ${text}`);
      return;
    }
    const first = text.split('\n')[0]?.slice(0, 120) ?? '';
    this.said.set(first, (this.said.get(first) ?? 0) + 1);
  }
}
