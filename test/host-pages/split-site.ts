import { startTestServers, type TestServers } from '../fixtures/servers/start.js';
import type { Engine } from '../runner/browsers.js';
import { launchEngine, type EngineBrowser } from './engine-browser.js';
import { HostSite, type HostPage } from './host-site.js';
import { buildSplit, type SplitBuild } from './split-build.js';

/** Records the elements' events, and what a click finds when the elements have handled it. */
const recording = `<script>
  window.recorded = [];
  const record = (text) => window.recorded.push(text);
  for (const element of document.querySelectorAll('pica-connect-button, pica-connections-list')) {
    element.addEventListener('pica-open', () => record('open'));
    element.addEventListener('pica-error', ({ detail }) => record(detail.error.code));
    element.addEventListener('pica-close', ({ detail }) => record('close ' + detail.reason));
  }
  document.addEventListener('click', ({ target }) => record('clicked, ' + target.status));
</script>`;

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
    site.addFiles(build.files);
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
    const { markup = this.button, ...others } = page;
    return this.site.add({ script: this.build.entry, ...others, markup: markup + recording });
  }

  /** Opens a page whose elements are ready. */
  async visit(address = this.page()): Promise<void> {
    await this.browser.visit(address);
    await this.until(
      `document.querySelector('pica-connect-button, pica-connections-list').hasUpdated`,
    );
  }

  /** The user clicks the middle of an element, which an expression finds. */
  async click(expression: string): Promise<void> {
    const [x, y] = (await this.browser.evaluate(
      `(({ left, top, width, height }) => [left + width / 2, top + height / 2])((${expression}).getBoundingClientRect())`,
    )) as [number, number];
    await this.browser.clickAt(x, y);
  }

  evaluate(expression: string): Promise<unknown> {
    return this.browser.evaluate(expression);
  }

  async until(expression: string): Promise<void> {
    const end = Date.now() + maxWaitMs;
    while (!(await this.evaluate(expression))) {
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
