/**
 * The document, for reading and calling. `<img name="body">`, which a visitor may have been able to write into the
 * page, shadows `document.body`, and so any other property of `document`, its own ones too. What its prototype has
 * cannot be shadowed.
 */
export const safeDocument = new Proxy({} as Document, {
  get(_target, name) {
    const value: unknown = Reflect.get(Document.prototype, name, document);
    return typeof value === 'function' ? (value.bind(document) as unknown) : value;
  },
});
