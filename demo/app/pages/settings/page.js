// @ts-check
import './save-connections.js';
import { showEvents } from './event-log.js';
import { offerExamples } from './examples.js';
import { showHeader } from './header.js';
import { markupOf, offerCopies } from './markup.js';
import { credentialHeaders, readConfig, readSession, signIn } from './session.js';
import { offerTestMessages } from './test-messages.js';
import { offerToSaveAgain } from './unsaved.js';

/** @typedef {import('./session.js').User} User */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {{user: User | null, users: User[]}} */
let session = { user: null, users: [] };

/** The origin of Pica's stand-in, where there is one. */
let sandbox = '';

showHeader();
await attempt(async () => {
  const [config] = await Promise.all([
    readConfig(),
    readSession().then((read) => (session = read)),
  ]);
  byId('sandbox').hidden = config.sandbox !== true;
  if (config.baseUrl) prepare(config.baseUrl);
  if (config.sandbox && config.baseUrl) sandbox = new URL(config.baseUrl).origin;
  show();
});

// Another tab may have signed in as somebody else, and the cookie is the same.
addEventListener('focus', () => {
  void attempt(async () => {
    const read = await readSession();
    if (read.user?.id === session.user?.id) return;
    session = read;
    show();
  });
});

/**
 * Where AuthKit's page is, if not at Pica's: in the template, so that it is in the HTML that is shown.
 * @param {string} baseUrl
 */
function prepare(baseUrl) {
  const template = /** @type {HTMLTemplateElement} */ (byId('integrations'));
  for (const element of template.content.querySelectorAll('[token-url]')) {
    element.setAttribute('base-url', baseUrl);
  }
}

/** The page of the signed-in user. It is made anew for each, so that nothing of the last one stays. */
function show() {
  const { user, users } = session;
  byId('users').replaceChildren(...(user ? users.map(userButton) : []));
  const template = /** @type {HTMLTemplateElement} */ (byId(user ? 'integrations' : 'sign-in'));
  const page = document.createElement('div');
  page.append(document.importNode(template.content, true));
  if (user) showIntegrations(page, user);
  else page.querySelector('.users')?.append(...users.map(userButton));
  byId('content').replaceChildren(page);
}

/**
 * @param {HTMLElement} page
 * @param {User} user
 */
function showIntegrations(page, user) {
  const html = /** @type {HTMLElement} */ (page.querySelector('#html'));
  html.textContent = markupOf(page);
  const script = /** @type {HTMLElement} */ (page.querySelector('#script'));
  void attempt(async () => {
    const source = await (await fetch('/save-connections.js')).text();
    script.textContent = source.replace(/^\/\/ @ts-check\s*/, '').trim();
  });
  offerCopies(page);
  showEvents(page);
  offerToSaveAgain(page);
  offerTestMessages(page);
  if (sandbox) offerExamples(page, user.id, sandbox);
  // AuthKit's page asks for the token from its own origin, without this one's cookie. What it sends travels in an
  // address, so it is good for the token alone, and for a few minutes. The lists have one of their own.
  for (const element of page.querySelectorAll('pica-connect-button, pica-connections-list')) {
    Object.assign(element, {
      tokenHeaders: () => credentialHeaders('token', user),
      requestHeaders: () => credentialHeaders('connections', user),
    });
  }
}

/** @param {User} user */
function userButton(user) {
  const button = document.createElement('button');
  button.type = 'button';
  const initial = document.createElement('span');
  initial.className = 'avatar';
  initial.ariaHidden = 'true';
  initial.textContent = user.name.slice(0, 1);
  const name = document.createElement('span');
  name.textContent = user.name;
  button.append(initial, name);
  const isCurrent = user.id === session.user?.id;
  if (session.user) button.ariaPressed = String(isCurrent);
  button.addEventListener('click', () => {
    if (isCurrent) return;
    void attempt(async () => {
      session.user = (await signIn(user.id)).user;
      show();
      // The button is gone. Focusing scrolls to where the header ends, which is not the top.
      byId('main').focus({ preventScroll: true });
      scrollTo(0, 0);
    });
  });
  return button;
}

/**
 * Does it, and says so on the page where it fails.
 * @param {() => Promise<void>} action
 */
async function attempt(action) {
  const trouble = byId('trouble');
  try {
    await action();
    trouble.hidden = true;
  } catch (error) {
    trouble.textContent = `Lumen's server did not do that. ${error instanceof Error ? error.message : ''}`;
    trouble.hidden = false;
  }
}
