/** Registers an element, unless the page has one of that name already: another copy or version. */
export function define(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element);
}
