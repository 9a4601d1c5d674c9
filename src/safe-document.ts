/**
 * The document, for reading and calling. An element such as `<img name="body">`, which a visitor may have been able to
 * post on the page, shadows `document.body`. Any other property of `document` can be shadowed too, but not those of
 * `Document.prototype`, which are read here.
 */
export const safeDocument = new Proxy({} as Document, {
  get(_target, name) {
    const value: unknown = Reflect.get(Document.prototype, name, document);
    return typeof value === 'function' ? (value.bind(document) as unknown) : value;
  },
});
