import { dictionary } from './prototype-pollution.js';

/**
 * The document, protected from DOM clobbering. A visitor who can post HTML can shadow any property of `document`:
 * `<img name="body">` becomes `document.body`. This proxy reads the properties of `Document.prototype`, which can't be
 * shadowed. They can be read and called here, but not set.
 */
export const safeDocument = new Proxy(
  {} as Document,
  dictionary<ProxyHandler<Document>>({
    get(_target, name) {
      const value: unknown = Reflect.get(Document.prototype, name, document);
      return typeof value === 'function' ? (value.bind(document) as unknown) : value;
    },
  }),
);

/**
 * The URL that relative URLs are resolved against. A `<base>` in the body is ignored: a visitor may have posted it to
 * send the page's requests and headers to another server.
 */
export function baseAddress(): string {
  const bases = [...safeDocument.getElementsByTagName('base')];
  const base = bases.find((one) => one.hasAttribute('href'));
  return !base || base.closest('head') ? safeDocument.baseURI : safeDocument.URL;
}
