import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { resolve } from 'node:path';

/*
 * Runs PHP as web servers do, a process for each request: node php-cgi.ts PORT. The server that PHP brings has a worker
 * take several connections and answer one after the other, so that a request waits behind another's ten seconds.
 */

const root = resolve('public');

/** Above what the example takes: a web server has a limit too, and PHP is told the length ahead. */
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
        // php-cgi answers nobody who comes by another way.
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
      const answer = Buffer.concat(output);
      const end = answer.indexOf('\r\n\r\n');
      let status = 200;
      for (const line of answer.subarray(0, end).toString('latin1').split('\r\n')) {
        const [, name = '', value = ''] = /^([^:]+): *(.*)$/.exec(line) ?? [];
        if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
        else if (name) response.appendHeader(name, value);
      }
      response.writeHead(status).end(answer.subarray(end + 4));
    });
  });
});

server.listen(Number(process.argv[2]), '127.0.0.1');
