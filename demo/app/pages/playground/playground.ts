import { examples } from '../settings/examples.js';
import { showEvents } from '../settings/event-log.js';
import { showHeader } from '../settings/header.js';
import { offerCopies } from '../settings/markup.js';
import { loadElements, startSandbox } from '../../../sandbox/browser/start.js';
import { controlsFor, type Control } from './controls.js';
import { Form } from './form.js';
import { addressOf, settingsIn, withSetting, type Settings } from './settings.js';
import { snippets } from './snippets.js';
import { sandboxFor, setStage } from './stage.js';
import { propertiesOf, subjectsOf } from './subject.js';

/** Written into the page when it is built: what src/locales has. */
declare const languages: readonly string[];

const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}.`);
  return found;
};

showHeader();
const controls = controlsFor(languages);
const form = new Form(byId('controls'), controls, onChange);
const stage = byId('stage');
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
    () => say('ignored', 'The address is copied.'),
    () => say('ignored', 'The address is selected: copy it with the keyboard.'),
  );
});
showEvents(document.body);
offerCopies(document.body);

// The address of somebody else, or one that was typed; what this page writes itself fires nothing.
addEventListener('hashchange', readAddress);
readAddress();
await start();

/** Only with the sandbox there: the elements ask it as soon as they are elements. */
async function start(): Promise<void> {
  try {
    await startSandbox(new URL('sandbox.js', document.baseURI));
    await loadElements(new URL('pica-connect/pica-connect.min.js', document.baseURI));
    byId('examples').addEventListener('click', () => void addExamples());
    byId('forget').addEventListener('click', () => void forget());
  } catch (error) {
    say('trouble', error instanceof Error ? error.message : String(error));
  }
}

function readAddress(): void {
  const { settings: read, ignored } = settingsIn(location.hash, controls);
  apply(read);
  say('ignored', ignored.length > 0 ? `${ignored.join(' ')} It was left out.` : '');
}

function onChange(control: Control, value: string): void {
  say('ignored', '');
  apply(withSetting(settings, control, value));
}

function apply(changed: Settings): void {
  settings = changed;
  form.show(settings);
  document.documentElement.style.colorScheme = settings.get('scheme') ?? 'light dark';
  setStage(stage, settings, controls);
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
      subjects: subjectsOf(settings, controls),
      properties: propertiesOf(settings, controls),
      lang: settings.get('lang') ?? 'en',
      dir: settings.get('dir') ?? 'ltr',
      scheme: settings.get('scheme') ?? 'auto',
    }) ?? '';
}

/** What the host has stored, whatever is simulated. */
const stored = () => new URL('api/connections', sandboxFor(new Map()));

async function addExamples(): Promise<void> {
  for (const [platform, state, name, environment] of examples) {
    const connection_key = `${environment}::${platform}::example::${name}|visitor`;
    const example = { platform, state, name, environment, connection_key };
    const headers = { 'content-type': 'application/json' };
    await fetch(stored(), { method: 'POST', headers, body: JSON.stringify(example) });
  }
  await refresh();
}

async function forget(): Promise<void> {
  await fetch(stored(), { method: 'DELETE' });
  await refresh();
}

const refresh = () => stage.querySelector('pica-connections-list')?.refresh();

/** Says it there; an empty text takes back what was said. */
function say(id: 'trouble' | 'ignored', text: string): void {
  const place = byId(id);
  place.textContent = text;
  place.hidden = text === '';
}
