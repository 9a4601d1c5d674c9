import type { useAuthKit } from '@picahq/authkit';
import { PicaError } from '../errors.js';
import type { CloseReason } from '../events.js';
import type { SurfaceLoaders } from './choose-surface.js';
import type { SurfaceOptions } from './surface.js';

/** What is passed on to AuthKit as it is. connect/authkit-options.ts says which property each option comes from. */
export type AuthKitOptions = Omit<
  Parameters<typeof useAuthKit>[0],
  'baseUrl' | 'token' | 'selectedConnection' | 'onSuccess' | 'onError' | 'onClose'
>;

export interface TokenRequest {
  url: string;
  /** The dialog opens while a promise for them is pending. */
  headers: TokenHeaders | Promise<TokenHeaders>;
}

export type TokenHeaders = Record<string, string>;

export interface SessionOptions
  extends SurfaceLoaders, Omit<SurfaceOptions, 'onCancel' | 'onEscape'> {
  authkit: AuthKitOptions;
  /** The address of AuthKit's page. A relative one is resolved against the document. */
  baseUrl: string;
  /** Given an error, the session ends with it as soon as it is opened. */
  token: TokenRequest | PicaError;
  /** The integration's name, as far as it is known by now. */
  selectedConnection: () => string | undefined;
  /** Fulfilled once that name won't change any more. Without it, the name is final. */
  checked?: Promise<void> | undefined;
  /** Seconds that AuthKit's page may take to load. */
  timeout: number;
}

export interface SessionListener {
  /** AuthKit's page can be seen and used. */
  onVisible: () => void;
  /** AuthKit's page reported a connection. The record is unchecked. */
  onSuccess: (record: unknown) => void;
  /** Something failed. The session continues unless `onEnd` follows. */
  onError: (error: PicaError) => void;
  /** The session is over. Called exactly once, last. */
  onEnd: (reason: CloseReason) => void;
}

/** The token endpoint's headers, unless they are pending or there is no endpoint. */
export function readyHeaders({ token }: SessionOptions): TokenHeaders | undefined {
  return token instanceof PicaError || token.headers instanceof Promise ? undefined : token.headers;
}
