import { hostAddresses, type Control } from './controls.js';
import type { Settings } from './settings.js';
import { propertiesOf, subjectsOf, type Subject } from './subject.js';

/** Makes the live elements what the settings say. Elements that are there stay, so that AuthKit stays open. */
export function setStage(
  stage: HTMLElement,
  settings: Settings,
  controls: readonly Control[],
): void {
  const wanted = subjectsOf(settings, controls);
  for (const element of stage.children) {
    if (!wanted.some(({ tag }) => tag === element.localName)) element.remove();
  }
  for (const subject of wanted) {
    const present = stage.querySelector(subject.tag);
    const element = present ?? document.createElement(subject.tag);
    setAttributes(element, subject, sandboxFor(settings));
    setSlots(element, subject);
    if (!present) {
      if (subject.tag === 'pica-connect-button') stage.prepend(element);
      else stage.append(element);
    }
  }
  for (const { name } of controls.filter(({ purpose }) => purpose === 'property')) {
    stage.style.setProperty(name, propertiesOf(settings, controls)[name] ?? null);
  }
  stage.dir = settings.get('dir') ?? 'ltr';
  stage.lang = settings.get('lang') ?? 'en';
}

/** The folder that the sandbox is asked in: it says what goes wrong there. */
export function sandboxFor(settings: Settings): URL {
  const simulation = settings.get('simulate');
  return new URL(simulation ? `simulate/${simulation}/` : '.', location.href.split(/[?#]/)[0]);
}

function setAttributes(element: Element, { attributes }: Subject, sandbox: URL): void {
  const wanted = new Map([['base-url', new URL('authkit.html', sandbox).href]]);
  for (const { name, kind, value } of attributes) {
    const isSandbox = hostAddresses[name] === value;
    if (isSandbox) wanted.set(name, new URL(value.slice(1), sandbox).href);
    else wanted.set(name, kind === 'switch' ? '' : value);
  }
  // `status` is the element's own.
  for (const name of element.getAttributeNames()) {
    if (name !== 'status' && name !== 'busy' && !wanted.has(name)) element.removeAttribute(name);
  }
  for (const [name, value] of wanted) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
}

function setSlots(element: Element, { slots }: Subject): void {
  const content = slots.map(({ name, text }) => {
    if (name === 'label') return new Text(text);
    const slotted = document.createElement(name === 'heading' ? 'h2' : 'span');
    slotted.slot = name;
    slotted.textContent = text;
    return slotted;
  });
  element.replaceChildren(...content);
}
