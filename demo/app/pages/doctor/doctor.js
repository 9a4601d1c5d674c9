// @ts-check
import { showHeader } from '/header.js';
import { itemsOf, summaryOf } from './findings.js';
import { readHeaders } from './headers.js';
import { ownHeaders } from './own-endpoint.js';
import { presetsOf } from './presets.js';

/** @typedef {import('./presets.js').Preset} Preset */
/** @typedef {HTMLElementTagNameMap['pica-connect-button']} Button */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const form = /** @type {HTMLFormElement} */ (byId('form'));
const fields = /** @type {const} */ (['tokenUrl', 'headers', 'baseUrl', 'selectedConnection']);

/** @param {string} name */
const field = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

/** Whether a preset has given this page a policy, which only a reload can remove. */
let hasPolicy = false;

/** @type {Preset[]} */
let presets = [];

showHeader();
await customElements.whenDefined('pica-connect-button');
try {
  const config = await readJson('/api/config');
  presets = presetsOf(await readJson(`${config.faulty}/faults`), {
    ...config,
    ownHeaders: await ownHeaders(),
  });
  showPresets();
  apply();
  addEventListener('hashchange', apply);
} catch (error) {
  byId('error').textContent =
    `The demo's server failed. ${error instanceof Error ? error.message : ''}`;
  byId('error').hidden = false;
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void check();
});

/** @param {string} url */
async function readJson(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
  return response.json();
}

/** Shows a group for each code, and in it a button for each fault. */
function showPresets() {
  const codes = [...new Set(presets.map(({ code }) => code))];
  byId('faults').replaceChildren(
    ...codes.map((code) => {
      const group = document.createElement('div');
      const heading = document.createElement('h3');
      heading.textContent = code || 'No fault';
      const list = document.createElement('ul');
      list.role = 'list';
      for (const { name, title } of presets.filter((preset) => preset.code === code)) {
        const item = document.createElement('li');
        const button = document.createElement('button');
        button.type = 'button';
        button.dataset.fault = name;
        button.textContent = title;
        button.addEventListener('click', () => {
          // Keeps the choice in the URL, for a reload or for sharing.
          history.replaceState(null, '', `#${name}`);
          apply();
        });
        item.append(button);
        list.append(item);
      }
      group.append(heading, list);
      return group;
    }),
  );
}

/** Puts the preset that the URL names into the form, and checks it. */
function apply() {
  if (hasPolicy) {
    location.reload();
    return;
  }
  const named = location.hash.slice(1);
  const preset = presets.find(({ name }) => name === named) ?? presets[0];
  if (!preset) return;
  for (const button of byId('faults').querySelectorAll('button')) {
    button.ariaPressed = String(button.dataset.fault === preset.name);
  }
  for (const name of fields) field(name).value = preset[name] ?? '';
  if (preset.policy) {
    const policy = document.createElement('meta');
    policy.httpEquiv = 'Content-Security-Policy';
    policy.content = preset.policy;
    document.head.append(policy);
    hasPolicy = true;
  }
  void check();
}

/** Creates a button with the settings of the form, and shows its findings. */
async function check() {
  const unreadable = byId('unreadable');
  unreadable.hidden = true;
  /** @type {Record<string, string>} */
  let headers;
  try {
    headers = readHeaders(field('headers').value);
  } catch (error) {
    unreadable.textContent = error instanceof Error ? error.message : '';
    unreadable.hidden = false;
    return;
  }
  const button = /** @type {Button} */ (document.createElement('pica-connect-button'));
  button.debug = true;
  button.tokenUrl = field('tokenUrl').value.trim() || null;
  button.tokenHeaders = headers;
  button.baseUrl = field('baseUrl').value.trim() || null;
  button.selectedConnection = field('selectedConnection').value.trim() || null;
  const lastError = byId('last-error');
  lastError.hidden = true;
  button.addEventListener('pica-error', ({ detail: { error } }) => {
    lastError.textContent = `pica-error\n${error.code}\n${error.message}\n${error.hint}`;
    lastError.hidden = false;
  });
  byId('live').replaceChildren(button);
  byId('summary').textContent = 'Checking…';
  byId('findings').replaceChildren();
  const findings = await button.check();
  // Another preset has been chosen since.
  if (!button.isConnected) return;
  byId('findings').replaceChildren(...itemsOf(findings));
  byId('summary').textContent = summaryOf(findings);
}
