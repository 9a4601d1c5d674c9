import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an endpoint does: answers with rows, fails, or lets wait until the page has gone. */
export type Answer = readonly object[] | 'fails' | 'waits';

export interface Endpoints {
  connections: Answer;
  integrations?: Answer;
  deleting?: 'fails' | 'waits';
}

/**
 * The fonts that `.ci/run` installs, each by name: what the machine would fall back to is not asked. The
 * icons of states are in Symbols2.
 */
export const fonts = ['Liberation Sans', 'Noto Sans Symbols2', 'Noto Sans Arabic'];

const page = (hasIntegrations: boolean) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Settings</title>
    <link rel="icon" href="data:," />
    <script src="/pica-connect.min.js" defer></script>
    <style>
      :root { color-scheme: light dark }
      body { margin: 0; font: 16px/1.4 ${fonts.map((name) => `'${name}'`).join(', ')} }
      main { padding: 8px }
    </style>
  </head>
  <body>
    <main>
      <pica-connections-list
        connections-url="/connections"
        ${hasIntegrations ? 'integrations-url="/integrations"' : ''}
      ></pica-connections-list>
    </main>
  </body>
</html>`;

const logo = (color: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="${color}"/><circle cx="4" cy="4" r="2" fill="#fff"/></svg>`;

/** A host's page with a list on it, and its endpoints, which do what a view needs. */
export class HostPage {
  endpoints: Endpoints = { connections: [] };
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
  }

  static async start(): Promise<HostPage> {
    const host = new HostPage();
    host.#server.listen(0, '127.0.0.1');
    await new Promise((resolve) => host.#server.once('listening', resolve));
    return host;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer({ method, url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { connections, integrations, deleting = 'fails' } = this.endpoints;
    const send = (type: string, body: string | Buffer) => {
      response.setHeader('content-type', type);
      response.end(body);
    };
    const sendRows = (answer: Answer) => {
      if (answer === 'fails') response.writeHead(500).end();
      else if (answer !== 'waits') send('application/json', JSON.stringify({ rows: answer }));
    };
    if (method === 'DELETE') sendRows(deleting);
    else if (url === '/') send('text/html', page(integrations !== undefined));
    else if (url.startsWith('/connections')) sendRows(connections);
    else if (url.startsWith('/integrations')) sendRows(integrations ?? []);
    else if (url.startsWith('/logos/')) send('image/svg+xml', logo(url.split('/')[2] ?? ''));
    else if (url === '/pica-connect.min.js') {
      const file = new URL('../../dist/pica-connect.min.js', import.meta.url);
      send('text/javascript', await readFile(file));
    } else response.writeHead(404).end();
  }
}
