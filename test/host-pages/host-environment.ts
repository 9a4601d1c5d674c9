import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import { startHost, type Host } from '../sandbox/host.js';
import { startTestServers, type TestServers } from '../fixtures/servers/start.js';
import { HostSite, type HostPage } from './host-site.js';

/** Everything that a host's page works with. Each server has its own origin, on a free port. */
export class HostEnvironment {
  private constructor(
    /** The host's pages. */
    readonly site: HostSite,
    /** An AuthKit page that behaves like the real one, with OAuth popups and token requests. */
    readonly sandbox: Sandbox,
    /** The token endpoint that the sandbox's AuthKit page asks. */
    readonly host: Host,
    /** A stand-in for AuthKit's page that a test controls, and the host's other endpoints. */
    readonly servers: TestServers,
  ) {}

  static async start(hostname?: 'localhost' | '127.0.0.1'): Promise<HostEnvironment> {
    const sandbox = await startSandbox();
    return new HostEnvironment(
      await HostSite.start(hostname),
      sandbox,
      await startHost(sandbox),
      await startTestServers(),
    );
  }

  /** The address of AuthKit's page, for `base-url`. */
  get authkit(): string {
    return `${this.sandbox.origin}/authkit`;
  }

  get tokenUrl(): string {
    return `${this.host.origin}/token/good`;
  }

  /** A button that opens AuthKit's page in the sandbox. */
  button(attributes = '', tokenUrl = this.tokenUrl): string {
    return `<pica-connect-button token-url="${tokenUrl}" base-url="${this.authkit}" ${attributes}></pica-connect-button>`;
  }

  /** Adds a page with that button, or with other markup, and returns its address. */
  page(page: HostPage = {}): string {
    return this.site.add({ markup: this.button(), ...page });
  }

  async close(): Promise<void> {
    await Promise.all([
      this.site.close(),
      this.sandbox.close(),
      this.host.close(),
      this.servers.stop(),
    ]);
  }
}
