/** What the registry asks a class for and ours does not have. It would go by what is on `Object.prototype`. */
const callbacks = ['adoptedCallback', 'connectedMoveCallback', 'formAssociatedCallback'];

/** Registers an element, unless the page has one of that name already: another copy or version. */
export function define(name: string, element: CustomElementConstructor): void {
  if (customElements.get(name)) return;
  for (const callback of callbacks) Reflect.set(element.prototype as object, callback, undefined);
  Object.assign(element, { disabledFeatures: [] });
  customElements.define(name, element);
}
