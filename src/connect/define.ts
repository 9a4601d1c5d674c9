/** Callbacks that our classes don't have. The registry would find them on a polluted `Object.prototype`. */
const callbacks = ['adoptedCallback', 'connectedMoveCallback', 'formAssociatedCallback'];

/** Registers an element, unless another copy or version of this package has done so. */
export function define(name: string, element: CustomElementConstructor): void {
  if (customElements.get(name)) return;
  for (const callback of callbacks) Reflect.set(element.prototype as object, callback, undefined);
  Object.assign(element, { disabledFeatures: [] });
  customElements.define(name, element);
}
