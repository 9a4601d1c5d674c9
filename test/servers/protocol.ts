/** What tests and test servers say to each other: shared types, no code. */

/** The rows of a host's `connections-url`; tests decide what is in them. */
export type Row = Record<string, unknown>;

/** How a request that matches is answered, in place of the ordinary answer. */
export interface Behaviour {
  /** Which method; without it every one but OPTIONS. */
  method?: string;
  /** `token`, `connections`, `integrations`, or a path below one (`connections/key`). */
  path: string;
  status?: number;
  /** A string is sent as it is, anything else as JSON. */
  body?: unknown;
  /** Added to the CORS headers; `null` takes one away. */
  headers?: Record<string, string | null>;
  /** Milliseconds until the answer is sent. */
  delay?: number;
  /** Waits for `release`. What is answered is settled when the request arrives, not then. */
  hold?: boolean;
  /** Closes the connection without an answer. */
  drop?: boolean;
  /** Closes the connection in the middle of the answer's body. */
  cut?: boolean;
  /** Sends the first half of the answer's body, and nothing after that. */
  stall?: boolean;
  /** For how many requests this counts; every one without it. */
  times?: number;
}

/** Replaces the named part of a scope's state; what is not named stays as it is. */
export interface Control {
  connections?: { rows: Row[] };
  integrations?: { rows: Row[] };
  /** What the token endpoint answers; by default three rows, as from `AuthKitToken#create`. */
  token?: unknown;
  behaviour?: Behaviour[];
}

/** A request that an endpoint received. */
export interface ReceivedRequest {
  /** Place in the order of arrival, from 0; `release` takes it. */
  index: number;
  method: string;
  /** Below the scope and without the query: `connections/live%3A%3Agmail`. */
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  /** Parsed where it is JSON, otherwise the text. */
  body: unknown;
  /** `held` waits for `release`; `aborted` was given up by the browser before the answer. */
  state: 'received' | 'held' | 'answered' | 'aborted' | 'dropped';
}

/** How AuthKit's stand-in answers requests for its page. */
export interface PuppetControl {
  delay?: number;
  status?: number;
  headers?: Record<string, string>;
  /** Never answers. */
  hang?: boolean;
  /** In place of the page. */
  body?: string;
}

/** A request for the stand-in's page. */
export interface PuppetRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  /** The port that the browser sent it from: one for each connection. */
  port: number;
}

/** What AuthKit's stand-in reports to the page that holds it. */
export type PuppetMessage =
  | { puppet: 'loaded'; url: string; data: Record<string, unknown> | null }
  | { puppet: 'received'; data: unknown }
  | { puppet: 'focused'; id: string }
  | { puppet: 'typed'; value: string }
  | { puppet: 'key'; key: string }
  | { puppet: 'clicked' };

/** Where the servers of this test run are. */
export interface Origins {
  /** The engine that this run asked for. */
  engine: 'chromium' | 'firefox' | 'webkit';
  /** Whether it is Chromium's shell for tests, and not the browser itself. */
  isShell: boolean;
  /** The host's backend. */
  endpoints: string;
  /** AuthKit's stand-in. */
  authkit: string;
  /** The same stand-in on a third origin, for what must not count. */
  otherOrigin: string;
  /** Closes every connection without an answer. */
  hangsUp: string;
}
