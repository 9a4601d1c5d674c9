import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import { startHost, type Host } from '../sandbox/host.js';
import { startTestServers, type TestServers } from '../fixtures/servers/start.js';
import { HostSite, type HostPage } from './host-site.js';

/** Everything around a host's page, each on an origin of its own, on the ports that were free. */
export class Surroundings {
  private constructor(
    /** The host's pages. */
    readonly site: HostSite,
    /** AuthKit's page as it behaves in the field: real OAuth popups, real token requests. */
    readonly sandbox: Sandbox,
    /** The host's token endpoint for that page. */
    readonly host: Host,
    /** The stand-in that does what a test says, and the host's other endpoints. */
    readonly servers: TestServers,
  ) {}

  static async start(hostname?: 'localhost' | '127.0.0.1'): Promise<Surroundings> {
    const sandbox = await startSandbox();
    return new Surroundings(
      await HostSite.start(hostname),
      sandbox,
      await startHost(sandbox),
      await startTestServers(),
    );
  }

  /** AuthKit's page, for `base-url`. */
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

  /** A page with that button, or with other markup; answers its address. */
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
