import { startTestServers, type TestServers } from '../fixtures/servers/start.js';
import type { Engine } from '../runner/browsers.js';
import { launchEngine, type EngineBrowser } from './engine-browser.js';
import { HostSite, type HostPage } from './host-site.js';
import { buildSplit, type SplitBuild } from './split-build.js';

/** Records the elements' events, and what a click finds when the elements have handled it. */
export const recording = `
  window.recorded = [];
  const record = (text) => window.recorded.push(text);
  for (const element of document.querySelectorAll('pica-connect-button, pica-connections-list')) {
    element.addEventListener('pica-open', () => record('open'));
    element.addEventListener('pica-success', () => record('success'));
    element.addEventListener('pica-error', ({ detail }) => record(detail.error.code));
    element.addEventListener('pica-close', ({ detail }) => record('close ' + detail.reason));
  }
  document.addEventListener('click', ({ target }) => record('clicked, ' + target.status));`;

const maxWaitMs = 10_000;

/** A host's site with the package split into parts, and a browser that visits it. */
export class SplitSite {
  private constructor(
    readonly site: HostSite,
    readonly servers: TestServers,
    readonly build: SplitBuild,
    readonly browser: EngineBrowser,
  ) {}

  static async start(engine: Engine): Promise<SplitSite> {
    const [site, servers, build, browser] = await Promise.all([
      HostSite.start(),
      startTestServers(),
      buildSplit(),
      launchEngine(engine),
    ]);
    site.addFiles([...build.files, ['/later.js', Buffer.from('')]]);
    return new SplitSite(site, servers, build, browser);
  }

  /** Attributes with endpoints and an AuthKit that answer. */
  get attributes(): string {
    const { endpoints, authkit } = this.servers.origins;
    return `token-url="${endpoints}/scope/token" base-url="${authkit}/authkit/page"`;
  }

  get button(): string {
    return `<pica-connect-button ${this.attributes}></pica-connect-button>`;
  }

  /** Adds a page with a button, or with other markup, and returns its address. */
  page(page: HostPage = {}): string {
    page.script ??= this.build.entry;
    const nonce = page.nonce === undefined ? '' : ` nonce="${page.nonce}"`;
    page.markup = `${page.markup ?? this.button}<script${nonce}>${recording}</script>`;
    return this.site.add(page);
  }

  /** Opens a page whose elements are ready. */
  async visit(address = this.page()): Promise<void> {
    await this.browser.visit(address);
    await this.untilReady();
  }

  untilReady(): Promise<void> {
    return this.until(
      `document.querySelector('pica-connect-button, pica-connections-list').hasUpdated`,
    );
  }

  /** The user clicks the middle of an element, which an expression finds, possibly in a frame. */
  async click(element: string, frame = 'document.documentElement'): Promise<void> {
    const [x, y] = (await this.browser.evaluate(
      `((inner, outer) => [outer.left + inner.left + inner.width / 2, outer.top + inner.top + inner.height / 2])
        ((${element}).getBoundingClientRect(), (${frame}).getBoundingClientRect())`,
    )) as [number, number];
    await this.browser.clickAt(x, y);
  }

  evaluate(expression: string): Promise<unknown> {
    return this.browser.evaluate(expression);
  }

  async until(expression: string): Promise<void> {
    const end = Date.now() + maxWaitMs;
    while (!(await this.evaluate(`Boolean(${expression})`))) {
      if (Date.now() > end) throw new Error(`Waited in vain for ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Waits until the browser has asked for a file so many times. */
  async untilRequested(path: string, times = 1): Promise<void> {
    const end = Date.now() + maxWaitMs;
    while (this.site.requests.filter((requested) => requested === path).length < times) {
      if (Date.now() > end) throw new Error(`Nobody asks for ${path}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async close(): Promise<void> {
    await this.browser.close();
    await Promise.all([this.site.close(), this.servers.stop()]);
  }
}
