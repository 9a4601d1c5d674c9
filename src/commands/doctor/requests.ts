import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import { describeConnectionError } from './connection-error.js';

/** A request and its answer. */
export interface Exchange {
  method: 'OPTIONS' | 'POST';
  /** The origin that the request claims to come from. */
  origin: string;
  /** Undefined if there was no answer. */
  status?: number;
  headers: Record<string, string>;
  text: string;
  milliseconds: number;
  /** The IP address that answered, and its TLS version and certificate. */
  server?: string;
  /** Why there is no answer. */
  trouble?: string;
  /** Whether the time limit was reached. */
  isSlow: boolean;
}

export interface Target {
  url: URL;
  headers: Record<string, string>;
  timeoutMs: number;
}

/** Stops reading a body that is longer than any token. */
const maxTextLength = 5_000_000;

/** Sends the preflight that a browser sends before the POST. */
export function sendPreflight(target: Target, origin: string): Promise<Exchange> {
  const names = headerNames(target.headers).map((name) => name.toLowerCase());
  return send(target, origin, 'OPTIONS', {
    'access-control-request-method': 'POST',
    'access-control-request-headers': [...new Set(names)].sort().join(','),
  });
}

/** Requests a token. */
export function sendPost(target: Target, origin: string): Promise<Exchange> {
  return send(
    target,
    origin,
    'POST',
    { 'content-type': 'application/json', ...target.headers },
    '{}',
  );
}

/** The headers that a browser needs permission for. */
export const headerNames = (headers: Record<string, string>): string[] =>
  Object.keys({ 'content-type': '', ...headers });

/** Like AuthKit's page, follows no redirects and sends no cookies. Never rejects. */
async function send(
  { url, timeoutMs }: Target,
  origin: string,
  method: Exchange['method'],
  headers: Record<string, string>,
  body = '',
): Promise<Exchange> {
  const began = performance.now();
  const signal = AbortSignal.timeout(timeoutMs);
  const exchange: Exchange = {
    ...{ method, origin, headers: {}, text: '' },
    ...{ milliseconds: 0, isSlow: false },
  };
  try {
    const response = await respond(url, body, {
      method,
      signal,
      // A new connection for each request, so that each one meets every connection error.
      agent: false,
      headers: {
        accept: '*/*',
        origin,
        referer: `${origin}/`,
        'sec-fetch-dest': 'empty',
        'sec-fetch-mode': 'cors',
        'sec-fetch-site': 'cross-site',
        'user-agent': 'pica-connect doctor',
        ...headers,
        'content-length': Buffer.byteLength(body),
      },
    });
    exchange.status = response.statusCode;
    exchange.server = serverOf(response);
    exchange.headers = Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
    );
    for await (const part of response.setEncoding('utf8')) {
      exchange.text += String(part);
      if (exchange.text.length > maxTextLength) break;
    }
  } catch (error) {
    exchange.status = undefined;
    exchange.isSlow = signal.aborted;
    exchange.trouble = describeConnectionError(
      error as NodeJS.ErrnoException,
      url,
      timeoutMs,
      signal.aborted,
    );
  }
  exchange.milliseconds = Math.round(performance.now() - began);
  return exchange;
}

function respond(url: URL, body: string, options: RequestOptions): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    request(url, options, resolve).on('error', reject).end(body);
  });
}

function serverOf({ socket }: IncomingMessage): string {
  const address = `${socket.remoteAddress ?? '?'}, port ${socket.remotePort ?? '?'}`;
  if (!(socket instanceof TLSSocket)) return address;
  const { valid_to: end } = socket.getPeerCertificate();
  return `${address}, ${socket.getProtocol() ?? 'TLS'}, certificate valid until ${end}`;
}
