import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import { wordsFor } from './trouble.js';

/** What was asked, and what came back. */
export interface Exchange {
  method: 'OPTIONS' | 'POST';
  /** The origin in whose name it was asked. */
  origin: string;
  /** Nothing where there was no answer. */
  status?: number;
  headers: Record<string, string>;
  text: string;
  milliseconds: number;
  /** The address that answered, and what secured the way there. */
  server?: string;
  /** Why there is no answer, in words. */
  trouble?: string;
  /** Whether that is that it took too long. */
  isSlow: boolean;
}

export interface Question {
  url: URL;
  headers: Record<string, string>;
  /** Milliseconds that a request may take. */
  longest: number;
}

/** More than any token; what comes after it is not read. */
const longestText = 5_000_000;

/** The question that a browser asks ahead of the POST. */
export function preflight(question: Question, origin: string): Promise<Exchange> {
  const names = namesOf(question.headers).map((name) => name.toLowerCase());
  return send(question, origin, 'OPTIONS', {
    'access-control-request-method': 'POST',
    'access-control-request-headers': [...new Set(names)].sort().join(','),
  });
}

/** The request for a token. */
export function post(question: Question, origin: string): Promise<Exchange> {
  return send(
    question,
    origin,
    'POST',
    { 'content-type': 'application/json', ...question.headers },
    '{}',
  );
}

/** The headers for which a browser asks. */
export const namesOf = (headers: Record<string, string>): string[] =>
  Object.keys({ 'content-type': '', ...headers });

/** Redirects are not followed, and cookies not sent: nor does AuthKit's page. Never rejects. */
async function send(
  { url, longest }: Question,
  origin: string,
  method: Exchange['method'],
  headers: Record<string, string>,
  body = '',
): Promise<Exchange> {
  const began = performance.now();
  const signal = AbortSignal.timeout(longest);
  const exchange: Exchange = {
    ...{ method, origin, headers: {}, text: '' },
    ...{ milliseconds: 0, isSlow: false },
  };
  try {
    const response = await respond(url, body, {
      method,
      signal,
      // A connection of its own, so that each has all the trouble that there is.
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
      if (exchange.text.length > longestText) break;
    }
  } catch (error) {
    exchange.status = undefined;
    exchange.isSlow = signal.aborted;
    exchange.trouble = wordsFor(error as NodeJS.ErrnoException, url, longest, signal.aborted);
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
  return `${address}, ${socket.getProtocol() ?? 'TLS'}, certificate until ${end}`;
}
