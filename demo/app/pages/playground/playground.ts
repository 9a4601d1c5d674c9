import { examples } from '../settings/examples.js';
import { showEvents } from '../settings/event-log.js';
import { showHeader } from '../settings/header.js';
import { enableCopyButtons } from '../settings/markup.js';
import { loadElements, startSandbox } from '../../../sandbox/browser/start.js';
import { controlsFor, type Control } from './controls.js';
import { Form } from './form.js';
import { addressOf, settingsIn, withSetting, type Settings } from './settings.js';
import { snippets } from './snippets.js';
import { sandboxUrl, updatePreview } from './preview.js';
import { propertiesOf, elementSettingsOf } from './element-settings.js';

/** The languages in src/locales. The build inserts them. */
declare const languages: readonly string[];

const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}.`);
  return found;
};

showHeader();
const controls = controlsFor(languages);
const form = new Form(byId('controls'), controls, onChange);
const preview = byId('preview');
const addressField = byId('address') as HTMLInputElement;
let settings: Settings = new Map();
let framework = snippets[0];

byId('controls').addEventListener('submit', (event) => event.preventDefault());
byId('reset').addEventListener('click', () => apply(new Map()));
byId('frameworks').append(
  ...snippets.map((snippet) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = snippet.name;
    button.addEventListener('click', () => {
      framework = snippet;
      showSnippet();
    });
    return button;
  }),
);
byId('share').addEventListener('click', () => {
  addressField.select();
  void navigator.clipboard.writeText(addressField.value).then(
    () => showNotice('ignored', 'The address is copied.'),
    () => showNotice('ignored', 'The address is selected: copy it with the keyboard.'),
  );
});
showEvents(document.body);
enableCopyButtons(document.body);

// Fires for an address that somebody typed or pasted. history.replaceState() fires nothing.
addEventListener('hashchange', readAddress);
readAddress();
await start();

/** Starts the sandbox before defining the elements, because they send requests as soon as they are defined. */
async function start(): Promise<void> {
  try {
    await startSandbox(new URL('sandbox.js', document.baseURI));
    await loadElements(new URL('pica-connect/pica-connect.min.js', document.baseURI));
    byId('examples').addEventListener('click', () => void addExamples());
    byId('forget').addEventListener('click', () => void deleteConnections());
  } catch (error) {
    showNotice('error', error instanceof Error ? error.message : String(error));
  }
}

function readAddress(): void {
  const { settings: read, ignored } = settingsIn(location.hash, controls);
  apply(read);
  showNotice('ignored', ignored.length > 0 ? `${ignored.join(' ')} It was left out.` : '');
}

function onChange(control: Control, value: string): void {
  showNotice('ignored', '');
  apply(withSetting(settings, control, value));
}

function apply(changed: Settings): void {
  settings = changed;
  form.show(settings);
  document.documentElement.style.colorScheme = settings.get('scheme') ?? 'light dark';
  updatePreview(preview, settings, controls);
  const address = addressOf(settings, controls);
  history.replaceState(null, '', `${location.href.split('#')[0] ?? ''}${address && `#${address}`}`);
  addressField.value = location.href;
  showSnippet();
}

function showSnippet(): void {
  for (const button of byId('frameworks').querySelectorAll('button')) {
    button.ariaPressed = String(button.textContent === framework?.name);
  }
  byId('snippet').textContent =
    framework?.write({
      elements: elementSettingsOf(settings, controls),
      properties: propertiesOf(settings, controls),
      lang: settings.get('lang') ?? 'en',
      dir: settings.get('dir') ?? 'ltr',
      scheme: settings.get('scheme') ?? 'auto',
    }) ?? '';
}

/** The host's connections, without any simulated fault. */
const connectionsUrl = () => new URL('api/connections', sandboxUrl(new Map()));

async function addExamples(): Promise<void> {
  for (const [platform, state, name, environment] of examples) {
    const connection_key = `${environment}::${platform}::example::${name}|visitor`;
    const example = { platform, state, name, environment, connection_key };
    const headers = { 'content-type': 'application/json' };
    await fetch(connectionsUrl(), { method: 'POST', headers, body: JSON.stringify(example) });
  }
  await refresh();
}

async function deleteConnections(): Promise<void> {
  await fetch(connectionsUrl(), { method: 'DELETE' });
  await refresh();
}

const refresh = () => preview.querySelector('pica-connections-list')?.refresh();

/** Shows a notice. An empty text hides it. */
function showNotice(id: 'error' | 'ignored', text: string): void {
  const notice = byId(id);
  notice.textContent = text;
  notice.hidden = text === '';
}
