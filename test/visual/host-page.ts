import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authkitPage, buttonPage, listPage, modalPage } from './pages.js';

/** What an endpoint does: answers with rows, fails, or lets wait until the page has gone. */
export type Answer = readonly object[] | 'fails' | 'waits';

export interface Endpoints {
  connections?: Answer;
  integrations?: Answer;
  deleting?: 'fails' | 'waits';
  authkit?: 'waits';
}

const logo = (color: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="${color}"/><circle cx="4" cy="4" r="2" fill="#fff"/></svg>`;

/** A host's pages with the elements on them, and its endpoints, which do what a view needs. */
export class HostPage {
  endpoints: Endpoints = {};
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
    return `http://127.0.0.1:${this.#port}`;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer({ method, url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { connections = [], integrations, deleting = 'fails', authkit } = this.endpoints;
    const send = (type: string, body: string | Buffer) => {
      response.setHeader('content-type', type);
      response.end(body);
    };
    const sendRows = (answer: Answer) => {
      if (answer === 'fails') response.writeHead(500).end();
      else if (answer !== 'waits') send('application/json', JSON.stringify({ rows: answer }));
    };
    if (method === 'DELETE') sendRows(deleting);
    else if (url === '/list') send('text/html', listPage(integrations !== undefined));
    else if (url === '/button') send('text/html', buttonPage);
    // On another origin, as AuthKit is.
    else if (url === '/modal')
      send('text/html', modalPage(`http://localhost:${this.#port}/authkit`));
    else if (url.startsWith('/authkit')) {
      if (authkit !== 'waits') send('text/html', authkitPage);
    } else if (url.startsWith('/connections')) sendRows(connections);
    else if (url.startsWith('/integrations')) sendRows(integrations ?? []);
    else if (url.startsWith('/logos/')) send('image/svg+xml', logo(url.split('/')[2] ?? ''));
    else if (/^\/pica-connect\.[a-z.]+\.js$/.test(url)) {
      const file = new URL(`../../dist${url}`, import.meta.url);
      send('text/javascript', await readFile(file));
    } else response.writeHead(404).end();
  }
}
