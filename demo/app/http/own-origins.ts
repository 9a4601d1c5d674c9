const localNames = ['localhost', '127.0.0.1', '[::1]'];

/** The origins that a server answers for: this machine's names at any port, and the origins from the settings. */
export class OwnOrigins {
  readonly #named: ReadonlyMap<string, string>;

  /** @param named the origins that browsers use, perhaps through a proxy, such as `https://demo.example` */
  constructor(named: readonly string[] = []) {
    const urls = named.map((origin) => new URL(origin));
    this.#named = new Map(urls.map(({ host, origin }) => [host, origin]));
  }

  /** @returns the page origin for a `Host` header; undefined if the host isn't ours */
  of(host: string | undefined): string | undefined {
    if (host === undefined || !URL.canParse(`http://${host}`)) return undefined;
    const url = new URL(`http://${host}`);
    const isHost = url.href === `${url.origin}/` && url.username === '';
    if (!isHost) return undefined;
    const secure = new URL(`https://${host}`);
    const named = this.#named.get(url.host) ?? this.#named.get(secure.host);
    return named ?? (localNames.includes(url.hostname) ? url.origin : undefined);
  }
}

/** The origins at which a browser on this machine can open a local server. */
export const localOrigins = (port: number | string): string[] =>
  localNames.map((name) => new URL(`http://${name}:${port}`).origin);
