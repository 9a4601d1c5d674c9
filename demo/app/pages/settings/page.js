// @ts-check
import './save-connections.js';
import { showEvents } from './event-log.js';
import { showExamplesButton } from './examples.js';
import { showHeader } from './header.js';
import { markupOf, enableCopyButtons } from './markup.js';
import { credentialHeaders, readConfig, readSession, signIn } from './session.js';
import { showTestMessages } from './test-messages.js';
import { showUnsavedNotice } from './retry-saves.js';

/** @typedef {import('./session.js').User} User */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {{user: User | null, users: User[]}} */
let session = { user: null, users: [] };

/** The origin of Pica's stand-in. Empty with the real Pica. */
let sandbox = '';

showHeader();
await attempt(async () => {
  const [config] = await Promise.all([
    readConfig(),
    readSession().then((read) => (session = read)),
  ]);
  byId('sandbox').hidden = config.sandbox !== true;
  if (config.baseUrl) setBaseUrl(config.baseUrl);
  if (config.sandbox && config.baseUrl) sandbox = new URL(config.baseUrl).origin;
  show();
});

// The user may have signed in as somebody else in another tab, which shares the cookie.
addEventListener('focus', () => {
  void attempt(async () => {
    const read = await readSession();
    if (read.user?.id === session.user?.id) return;
    session = read;
    show();
  });
});

/**
 * Sets the address of AuthKit's page if it isn't Pica's. Changes the template, so that the HTML shown on the page has it too.
 * @param {string} baseUrl
 */
function setBaseUrl(baseUrl) {
  const template = /** @type {HTMLTemplateElement} */ (byId('integrations'));
  for (const element of template.content.querySelectorAll('[token-url]')) {
    element.setAttribute('base-url', baseUrl);
  }
}

/** Shows the page of the signed-in user. Rebuilds it for each user, so that nothing of the previous one stays. */
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
  enableCopyButtons(page);
  showEvents(page);
  showUnsavedNotice(page);
  showTestMessages(page);
  if (sandbox) showExamplesButton(page, user.id, sandbox);
  // AuthKit's page requests the token from its own origin, without this page's cookie. The credential is part of a URL,
  // so it is valid only for the token, and for a few minutes. Lists use another one.
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
      // The focused button has been removed. Focusing the content would scroll past the header.
      byId('main').focus({ preventScroll: true });
      scrollTo(0, 0);
    });
  });
  return button;
}

/**
 * Runs an action, and shows an error on the page if it fails.
 * @param {() => Promise<void>} action
 */
async function attempt(action) {
  const notice = byId('error');
  try {
    await action();
    notice.hidden = true;
  } catch (error) {
    notice.textContent = `Lumen's server did not do that. ${error instanceof Error ? error.message : ''}`;
    notice.hidden = false;
  }
}
