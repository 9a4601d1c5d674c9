import { hostAddresses, type Control } from './controls.js';
import type { Settings } from './settings.js';
import { propertiesOf, elementSettingsOf, type ElementSettings } from './element-settings.js';

/** Applies the settings to the live elements. Keeps existing elements, so that AuthKit stays open. */
export function updatePreview(
  preview: HTMLElement,
  settings: Settings,
  controls: readonly Control[],
): void {
  const wanted = elementSettingsOf(settings, controls);
  for (const element of preview.children) {
    if (!wanted.some(({ tag }) => tag === element.localName)) element.remove();
  }
  for (const elementSettings of wanted) {
    const present = preview.querySelector(elementSettings.tag);
    const element = present ?? document.createElement(elementSettings.tag);
    setAttributes(element, elementSettings, sandboxUrl(settings));
    setSlots(element, elementSettings);
    if (!present) {
      if (elementSettings.tag === 'pica-connect-button') preview.prepend(element);
      else preview.append(element);
    }
  }
  for (const { name } of controls.filter(({ purpose }) => purpose === 'property')) {
    preview.style.setProperty(name, propertiesOf(settings, controls)[name] ?? null);
  }
  preview.dir = settings.get('dir') ?? 'ltr';
  preview.lang = settings.get('lang') ?? 'en';
}

/** The base URL for requests to the sandbox. Its folder names the fault to simulate. */
export function sandboxUrl(settings: Settings): URL {
  const simulation = settings.get('simulate');
  return new URL(simulation ? `simulate/${simulation}/` : '.', location.href.split(/[?#]/)[0]);
}

function setAttributes(element: Element, { attributes }: ElementSettings, sandbox: URL): void {
  const wanted = new Map([['base-url', new URL('authkit.html', sandbox).href]]);
  for (const { name, kind, value } of attributes) {
    const isSandbox = hostAddresses[name] === value;
    if (isSandbox) wanted.set(name, new URL(value.slice(1), sandbox).href);
    else wanted.set(name, kind === 'switch' ? '' : value);
  }
  // The element sets `status` and `busy` itself.
  for (const name of element.getAttributeNames()) {
    if (name !== 'status' && name !== 'busy' && !wanted.has(name)) element.removeAttribute(name);
  }
  for (const [name, value] of wanted) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
}

function setSlots(element: Element, { slots }: ElementSettings): void {
  const content = slots.map(({ name, text }) => {
    if (name === 'label') return new Text(text);
    const slotted = document.createElement(name === 'heading' ? 'h2' : 'span');
    slotted.slot = name;
    slotted.textContent = text;
    return slotted;
  });
  element.replaceChildren(...content);
}
