import { LitElement, type PropertyDeclaration, type RenderOptions } from 'lit';
import type { HeadersOption } from '../endpoints/headers.js';
import type { Finding } from '../finding.js';
import { dictionary, own, parseJson } from '../hardening/prototype-pollution.js';
import type { Checkable, ConnectOptions } from './options.js';
import { filesUnavailable } from './files-unavailable.js';
import { declareOption } from './page-defaults.js';
import { defaultFor } from './page-headers.js';
import { loadOpener } from '../lazy.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- TypeScript wants exactly this of a mixin's base class (TS2545).
type Constructor<T> = new (...args: any[]) => T;

/** Parses an attribute's JSON. Invalid JSON stays a string, which is reported when the option is used. */
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

/** A boolean attribute that `"false"` turns off, because the page's default may be true. */
const flag = {
  fromAttribute: (text: string | null): boolean | null => (text === null ? null : text !== 'false'),
};

/** Compares objects by their contents. Replacing a function changes nothing that is shown: it is called when needed. */
const isDifferent = (value: unknown, old: unknown = null): boolean =>
  !(typeof value === 'function' && typeof old === 'function') &&
  JSON.stringify(value) !== JSON.stringify(old);

/**
 * Gives a class's reactive properties their defaults: the page's, else these values, else null. They apply until a property
 * is set, and again once it is set to null or its attribute is removed. They are getters on the prototype, because setting
 * every property of every element takes half as long as rendering them, and a page may have a thousand.
 */
const setDefaults = (
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

/** Adds the attributes and properties of `ConnectOptions`, and `check()`, to an element. */
export const withConnectOptions = <Base extends Constructor<LitElement>>(base: Base) => {
  class WithConnectOptions extends base implements ConnectOptions {
    /** @internal */
    static readonly formAssociated: boolean = false;

    /** @internal */
    static properties: Record<keyof ConnectOptions, PropertyDeclaration> = {
      tokenUrl: { attribute: 'token-url' },
      tokenHeaders: { attribute: 'token-headers', converter: json, hasChanged: isDifferent },
      connectionsUrl: { attribute: 'connections-url' },
      requestHeaders: { attribute: 'request-headers', converter: json, hasChanged: isDifferent },
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

    /** Lit reads a dozen options of a declaration, and would find inherited ones too. */
    static createProperty(name: PropertyKey, options: PropertyDeclaration = {}): void {
      LitElement.createProperty.call(this, name, dictionary(options));
    }

    override readonly renderOptions: RenderOptions = dictionary({ host: this });

    /**
     * The URL of your token endpoint, http or https. A relative URL is resolved against the document. AuthKit can't open
     * without it (`token-url-missing`) or with a URL of another kind (`token-url-invalid`).
     * @default null
     */
    declare tokenUrl: string | null;

    /**
     * Headers for the token endpoint. The attribute takes a JSON object of strings. The property takes an object, or a
     * function that returns an object or a promise of one. The function is called at each opening. AuthKit puts the
     * headers into the URL of its frame, so return short-lived values from a function. Any other value causes the error
     * `token-headers-invalid`.
     * @default null
     */
    declare tokenHeaders: HeadersOption | null;

    /**
     * The URL of your stored connections. New ones are sent with POST as `{platform, connection_key, environment, state,
     * name?}`; a repeated POST must be safe. The list loads them with GET: an array, or `{rows: […]}` with `page` and
     * `pages` if there are several pages. It deletes a connection with DELETE `{url}/{encoded key}`. Without this option,
     * save connections in a listener for `pica-success`.
     * @default null
     */
    declare connectionsUrl: string | null;

    /**
     * Headers for `connections-url` and `integrations-url`, in the same forms as `token-headers`. Default: the
     * `token-headers`, but only for URLs with the token endpoint's origin. Requests with headers don't follow redirects.
     * @default null
     */
    declare requestHeaders: HeadersOption | null;

    /**
     * Your id for the signed-in user. It is never sent. Unsaved connections stay in this browser under
     * this id, and are sent on the same user's next page. Without it, nothing outlives the page.
     * @default null
     */
    declare identity: string | null;

    /**
     * `auto`: connections that `connections-url` has not stored yet stay in `localStorage` for up to a week, and are sent
     * again by the next page. Requires `identity`. `off`: they are lost with the page.
     * @default 'auto'
     */
    declare outbox: 'auto' | 'off';

    /**
     * `auto`: requests a token once per page when the user is likely to click, and reports problems with the endpoint.
     * `off`: doesn't request a token.
     * @default 'auto'
     */
    declare tokenCheck: 'auto' | 'off';

    /**
     * Shows problems next to the element, for people who don't open a console.
     * @default false
     */
    declare debug: boolean;

    /**
     * The URL of AuthKit's page. Default: `https://authkit.picaos.com`.
     * @default null
     */
    declare baseUrl: string | null;

    /**
     * AuthKit's color scheme. `auto` follows the element's computed `color-scheme`, then the system's.
     * @default 'auto'
     */
    declare appTheme: 'light' | 'dark' | 'auto';

    /**
     * The title at the top of AuthKit.
     * @default null
     */
    declare modalTitle: string | null;

    /**
     * The http(s) URL of the image at the top of AuthKit.
     * @default null
     */
    declare imageUrl: string | null;

    /**
     * The name of your company, which AuthKit shows to the user.
     * @default null
     */
    declare companyName: string | null;

    /**
     * Lets the user name the connection in AuthKit.
     * @default false
     */
    declare showNameInput: boolean;

    /**
     * Seconds that AuthKit's page may take to load. After that, AuthKit closes with the error `authkit-unreachable`.
     * @default 15
     */
    declare timeout: number;

    /**
     * How much to load on hover, focus or touch, before a click. `connect`: connects to AuthKit's server and requests a
     * token. `page`: also loads AuthKit's page, hidden, so that the click only has to show it. Without a click, the page
     * is removed after a minute. `none`: loads nothing.
     * @default 'connect'
     */
    declare preload: 'none' | 'connect' | 'page';

    /**
     * Checks everything that can be checked from the page: URLs, headers, the token endpoint, AuthKit's page, this page's
     * policies, your lists, storage. It sends requests but opens nothing.
     * @returns one finding for each check, including those that passed. Never rejects.
     */
    check(): Promise<Finding[]> {
      return loadOpener().then(
        ({ runChecks }) => runChecks(this),
        (cause: unknown) => {
          const { code, message, hint } = filesUnavailable(cause);
          return [{ code, ok: false, message, hint }];
        },
      );
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
  setDefaults(WithConnectOptions as unknown as typeof LitElement, defaults);
  return WithConnectOptions as Constructor<ConnectOptions & Checkable> & Base;
};
