import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { resolve } from 'node:path';

/*
 * Runs PHP as web servers do, with one process per request: node php-cgi.ts PORT. In PHP's built-in server, a worker
 * accepts several connections and responds to one after the other, so a request could wait ten seconds for another.
 */

const root = resolve('public');

/** More than the example accepts. A web server needs a limit because it tells PHP the length before the body. */
const maxBytes = 1024 * 1024;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= maxBytes) chunks.push(chunk);
  });
  request.on('end', () => {
    if (length > maxBytes) {
      response.writeHead(413).end();
      return;
    }
    const url = new URL(request.url ?? '/', 'http://localhost');
    const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
      `HTTP_${name.toUpperCase().replaceAll('-', '_')}`,
      String(value),
    ]);
    const child = spawn('php-cgi', ['-d', 'display_errors=1'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        ...process.env,
        ...Object.fromEntries(headers),
        // php-cgi rejects requests without it.
        REDIRECT_STATUS: '200',
        GATEWAY_INTERFACE: 'CGI/1.1',
        SERVER_PROTOCOL: 'HTTP/1.1',
        REQUEST_METHOD: request.method,
        REQUEST_URI: request.url,
        QUERY_STRING: url.search.slice(1),
        DOCUMENT_ROOT: root,
        SCRIPT_NAME: '/index.php',
        SCRIPT_FILENAME: `${root}/index.php`,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        CONTENT_LENGTH: String(length),
      },
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stdin.on('error', () => undefined);
    child.stdin.end(Buffer.concat(chunks));
    child.on('close', () => {
      const result = Buffer.concat(output);
      const headerEnd = result.indexOf('\r\n\r\n');
      let status = 200;
      for (const line of result.subarray(0, headerEnd).toString('latin1').split('\r\n')) {
        const [, name = '', value = ''] = /^([^:]+): *(.*)$/.exec(line) ?? [];
        if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
        else if (name) response.appendHeader(name, value);
      }
      response.writeHead(status).end(result.subarray(headerEnd + 4));
    });
  });
});

server.listen(Number(process.argv[2]), '127.0.0.1');
