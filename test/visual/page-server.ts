import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authkitPage, buttonPage, listPage, modalPage } from './pages.js';

/** An endpoint's response: rows, an error, or none at all. */
export type EndpointResponse = readonly object[] | 'error' | 'pending';

export interface Endpoints {
  connections?: EndpointResponse;
  integrations?: EndpointResponse;
  disconnect?: 'error' | 'pending';
  authkit?: 'pending';
}

const logo = (color: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="${color}"/><circle cx="4" cy="4" r="2" fill="#fff"/></svg>`;

/** Serves the pages of all screens, and the host's endpoints, which respond as the current screen requires. */
export class PageServer {
  endpoints: Endpoints = {};
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#respond(request, response);
    });
  }

  static async start(): Promise<PageServer> {
    const server = new PageServer();
    server.#server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.#server.once('listening', resolve));
    return server;
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

  async #respond({ method, url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { connections = [], integrations, disconnect = 'error', authkit } = this.endpoints;
    const send = (type: string, body: string | Buffer) => {
      response.setHeader('content-type', type);
      response.end(body);
    };
    const sendRows = (rows: EndpointResponse) => {
      if (rows === 'error') response.writeHead(500).end();
      else if (rows !== 'pending') send('application/json', JSON.stringify({ rows }));
    };
    if (method === 'DELETE') sendRows(disconnect);
    else if (url === '/list') send('text/html', listPage(integrations !== undefined));
    else if (url === '/button') send('text/html', buttonPage);
    // AuthKit's page has another origin than the host's.
    else if (url === '/modal')
      send('text/html', modalPage(`http://localhost:${this.#port}/authkit`));
    else if (url.startsWith('/authkit')) {
      if (authkit !== 'pending') send('text/html', authkitPage);
    } else if (url.startsWith('/connections')) sendRows(connections);
    else if (url.startsWith('/integrations')) sendRows(integrations ?? []);
    else if (url.startsWith('/logos/')) send('image/svg+xml', logo(url.split('/')[2] ?? ''));
    else if (/^\/pica-connect\.[a-z.]+\.js$/.test(url)) {
      const file = new URL(`../../dist${url}`, import.meta.url);
      send('text/javascript', await readFile(file));
    } else response.writeHead(404).end();
  }
}
