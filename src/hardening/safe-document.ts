import { dictionary } from './own.js';

/**
 * The document, for reading and calling. An element such as `<img name="body">`, which a visitor may have been able to
 * post on the page, shadows `document.body`. Any other property of `document` can be shadowed too, but not those of
 * `Document.prototype`, which are read here.
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
 * The address that relative ones are resolved against. A `<base>` counts only in the head: one in the body, where a
 * visitor may have been able to post it, would send the page's requests and headers to another server.
 */
export function baseAddress(): string {
  const bases = [...safeDocument.getElementsByTagName('base')];
  const base = bases.find((one) => one.hasAttribute('href'));
  return !base || base.closest('head') ? safeDocument.baseURI : safeDocument.URL;
}
