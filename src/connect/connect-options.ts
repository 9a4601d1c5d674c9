import { LitElement, type PropertyDeclaration, type RenderOptions } from 'lit';
import type { HeadersOption } from '../endpoints/headers.js';
import type { Finding } from '../finding.js';
import { dictionary, own, parseJson } from '../hardening/own.js';
import { declareOption } from './page-defaults.js';
import { defaultFor } from './page-headers.js';
import { runChecks } from './token-check.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- TypeScript wants exactly this of a mixin's base class (TS2545).
type Constructor<T> = new (...args: any[]) => T;

/** What both elements can be told: where the host's endpoints are, and how AuthKit is to look. */
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

/** What looks at its own options. */
export interface Checkable {
  check: () => Promise<Finding[]>;
}

/** An attribute's JSON. Text that is none is kept as it is, to be refused in words when it is used. */
const json = {
  fromAttribute(text: string | null): unknown {
    if (text === null) return null;
    try {
      return parseJson(text);
    } catch {
      return text;
    }
  },
};

/** An attribute that says yes by being there, unless it says "false": the page's own default may be yes. */
const flag = {
  fromAttribute: (text: string | null): boolean | null => (text === null ? null : text !== 'false'),
};

/** Functions are called anew each time they are needed, and objects are compared by what they hold. */
const holdsOther = (value: unknown, old: unknown = null): boolean =>
  !(typeof value === 'function' && typeof old === 'function') &&
  JSON.stringify(value) !== JSON.stringify(old);

/**
 * Gives the reactive properties of a class what they are until they are set, and again once they are set to nothing
 * or their attribute is taken away: what the page sets for all, else these values, and null where nothing is given.
 * Not each element by itself: a page may have a thousand, and to set each property of each takes half as long as to
 * render them.
 */
const initially = (
  element: typeof LitElement,
  values: Partial<Record<PropertyKey, unknown>>,
): void => {
  // Makes Lit create the properties now.
  Reflect.get(element, 'observedAttributes');
  for (const [key, declaration] of element.elementProperties) {
    const name = String(key);
    const initial = own(values, name) ?? null;
    const descriptor = Object.getOwnPropertyDescriptor(element.prototype, name);
    declareOption(name, declaration);
    const get = function (this: LitElement): unknown {
      return descriptor?.get?.call(this) ?? defaultFor(this, name) ?? initial;
    };
    Object.defineProperty(element.prototype, name, dictionary({ ...descriptor, get }));
  }
};

/** Adds the attributes and properties of `ConnectOptions`, and a check of them, to an element. */
export const withConnectOptions = <Base extends Constructor<LitElement>>(base: Base) => {
  class WithConnectOptions extends base implements ConnectOptions {
    /** @internal */
    static readonly formAssociated: boolean = false;

    /** @internal */
    static properties = {
      tokenUrl: { attribute: 'token-url' },
      tokenHeaders: { attribute: 'token-headers', converter: json, hasChanged: holdsOther },
      connectionsUrl: { attribute: 'connections-url' },
      requestHeaders: { attribute: 'request-headers', converter: json, hasChanged: holdsOther },
      identity: {},
      outbox: {},
      tokenCheck: { attribute: 'token-check' },
      debug: { converter: flag },
      baseUrl: { attribute: 'base-url' },
      appTheme: { attribute: 'app-theme' },
      modalTitle: { attribute: 'modal-title' },
      imageUrl: { attribute: 'image-url' },
      companyName: { attribute: 'company-name' },
      showNameInput: { attribute: 'show-name-input', converter: flag },
      timeout: { type: Number },
      preload: {},
    };

    static shadowRootOptions: ShadowRootInit = dictionary(LitElement.shadowRootOptions);

    /** Lit looks for a dozen options in what a property is declared with, and finds inherited ones too. */
    static createProperty(name: PropertyKey, options: PropertyDeclaration = {}): void {
      LitElement.createProperty.call(this, name, dictionary(options));
    }

    override readonly renderOptions: RenderOptions = dictionary({ host: this });

    /**
     * The host's token endpoint. A relative address is resolved against the document. Required to
     * open AuthKit: `token-url-missing` without it, `token-url-invalid` when it is no http(s) address.
     * @default null
     */
    declare tokenUrl: string | null;

    /**
     * Headers for the token endpoint. Attribute: a JSON object of strings. Property: an object, or a
     * function (async if need be) that returns one and is called at each opening. AuthKit writes them
     * into the address of its frame, so give short-lived values, and those by a function. Anything
     * else is `token-headers-invalid`.
     * @default null
     */
    declare tokenHeaders: HeadersOption | null;

    /**
     * The address of the host's stored connections. Each new one is sent there by POST
     * `{platform, connection_key, environment, state, name?}` and has to be safe to repeat; the list reads it
     * by GET, an array or `{rows: […]}` with, if there are more, `page` and `pages`, and takes one away by
     * DELETE `{address}/{encoded key}`. Without it, save in a listener of `pica-success`.
     * @default null
     */
    declare connectionsUrl: string | null;

    /**
     * Headers for `connections-url` and `integrations-url`, in the same forms. Without them,
     * `token-headers` are sent where the address has the token endpoint's origin, and else none. A request
     * that carries them follows no redirect.
     * @default null
     */
    declare requestHeaders: HeadersOption | null;

    /**
     * Who is signed in, in the host's own words: a user id. It is sent nowhere. What could not be stored at
     * `connections-url` is kept in this browser under it, and sent when a page names the same user again, so
     * that nobody is given what another user of the computer has connected. Without it nothing is kept.
     * @default null
     */
    declare identity: string | null;

    /**
     * Whether connections that `connections-url` has not stored yet are kept in `localStorage`, for a week at
     * most, and sent again by the next page. Takes `identity`. Default: `auto`; `off`: they are not.
     * @default 'auto'
     */
    declare outbox: 'auto' | 'off';

    /**
     * Whether the element asks the token endpoint itself, once for a page, when the user is about to click, so
     * that it can say what is wrong with it. Default: `auto`; `off`: it does not.
     * @default 'auto'
     */
    declare tokenCheck: 'auto' | 'off';

    /**
     * Shows what is wrong beside the element, for people who never open a console.
     * @default false
     */
    declare debug: boolean;

    /**
     * Where AuthKit's page is. Default: `https://authkit.picaos.com`.
     * @default null
     */
    declare baseUrl: string | null;

    /**
     * AuthKit's colors. `auto` follows this element's computed `color-scheme`, then the system's.
     * @default 'auto'
     */
    declare appTheme: 'light' | 'dark' | 'auto';

    /**
     * The title at the top of AuthKit.
     * @default null
     */
    declare modalTitle: string | null;

    /**
     * The http(s) address of the picture at the top of AuthKit.
     * @default null
     */
    declare imageUrl: string | null;

    /**
     * The company that AuthKit names to the user.
     * @default null
     */
    declare companyName: string | null;

    /**
     * Lets the user name the connection in AuthKit.
     * @default false
     */
    declare showNameInput: boolean;

    /**
     * Seconds until an AuthKit that has not loaded is given up. Default: 15.
     * @default 15
     */
    declare timeout: number;

    /**
     * What is done as soon as the user seems about to click: the pointer is over the button, the focus on it,
     * or a finger. Default: `connect`, which connects to AuthKit's server and asks the token endpoint. `page`:
     * loads AuthKit itself as well, hidden, so that the click only shows it; after a minute without one it is
     * thrown away. `none`: nothing.
     * @default 'connect'
     */
    declare preload: 'none' | 'connect' | 'page';

    /**
     * Looks at everything that can be looked at from the page: addresses, headers, the token endpoint, AuthKit's
     * page, this page's own rules, the host's lists, the storage. It sends requests, and opens nothing.
     * @returns a finding for each, the good ones too. Never rejects.
     */
    check(): Promise<Finding[]> {
      return runChecks(this);
    }
  }
  const defaults: Partial<ConnectOptions> = {
    outbox: 'auto',
    tokenCheck: 'auto',
    debug: false,
    appTheme: 'auto',
    showNameInput: false,
    timeout: 15,
    preload: 'connect',
  };
  initially(WithConnectOptions as unknown as typeof LitElement, defaults);
  return WithConnectOptions as Constructor<ConnectOptions & Checkable> & Base;
};
