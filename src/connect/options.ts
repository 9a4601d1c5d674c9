import type { HeadersOption } from '../endpoints/headers.js';
import type { Finding } from '../finding.js';

/** The options that both elements have: where the host's endpoints are, and how AuthKit looks. */
export interface ConnectOptions {
  tokenUrl: string | null;
  tokenHeaders: HeadersOption | null;
  connectionsUrl: string | null;
  requestHeaders: HeadersOption | null;
  identity: string | null;
  outbox: 'auto' | 'off';
  tokenCheck: 'auto' | 'off';
  debug: boolean;
  baseUrl: string | null;
  appTheme: 'light' | 'dark' | 'auto';
  modalTitle: string | null;
  imageUrl: string | null;
  companyName: string | null;
  showNameInput: boolean;
  timeout: number;
  preload: 'none' | 'connect' | 'page';
}

/** An element that can check its own options. */
export interface Checkable {
  check: () => Promise<Finding[]>;
}
