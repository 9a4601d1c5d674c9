const localNames = ['localhost', '127.0.0.1', '[::1]'];

/** The origins that a server answers for: those of this machine, at any port, and those that a setting names. */
export class OwnOrigins {
  readonly #named: ReadonlyMap<string, string>;

  /** @param named such as `https://demo.example`: as a browser reaches it, which may be through a proxy */
  constructor(named: readonly string[] = []) {
    const urls = named.map((origin) => new URL(origin));
    this.#named = new Map(urls.map(({ host, origin }) => [host, origin]));
  }

  /** @returns the origin of the pages that such a `Host` header belongs to; undefined where it is none of ours */
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

/** What a local server at a port may be opened as. */
export const localOrigins = (port: number | string): string[] =>
  localNames.map((name) => new URL(`http://${name}:${port}`).origin);
