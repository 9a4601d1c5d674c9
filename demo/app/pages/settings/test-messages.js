// @ts-check

/** @typedef {import('../../../../src/classes.js').Connection} Connection */

/**
 * Shows a button for each connection that sends a test message through it, and the outcome.
 * @param {HTMLElement} page
 */
export function showTestMessages(page) {
  const section = /** @type {HTMLElement} */ (page.querySelector('#test-messages'));
  const list = /** @type {HTMLElement} */ (section.querySelector('ul'));
  /** @type {Map<string, HTMLElement>} By connection key. Kept when the list reloads, with their outcome and focus. */
  const items = new Map();

  page.addEventListener('pica-load', ({ detail: { connections } }) => {
    const keys = new Set(connections.map(({ key }) => key));
    for (const [key, item] of items) {
      if (keys.has(key)) continue;
      item.remove();
      items.delete(key);
    }
    for (const connection of connections) {
      if (items.has(connection.key)) continue;
      const item = itemFor(connection);
      items.set(connection.key, item);
      list.append(item);
    }
    section.hidden = items.size === 0;
  });
}

/** @param {Connection} connection */
function itemFor({ key, platform, name }) {
  const label = document.createElement('span');
  label.textContent = name ? `${platform}: ${name}` : platform;
  label.id = `test-message-${crypto.randomUUID()}`;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Send a test message';
  button.setAttribute('aria-describedby', label.id);
  const outcome = document.createElement('output');
  button.addEventListener('click', async () => {
    // `disabled` would take the focus away.
    if (button.ariaDisabled === 'true') return;
    button.ariaDisabled = 'true';
    outcome.textContent = 'Sending …';
    outcome.textContent = await send(key);
    button.ariaDisabled = null;
  });
  const item = document.createElement('li');
  item.append(label, button, outcome);
  return item;
}

/**
 * @param {string} key
 * @returns {Promise<string>} the outcome, as text for the user
 */
async function send(key) {
  try {
    const path = `/api/connections/${encodeURIComponent(key)}/test`;
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    const answer = await response.json();
    if (response.ok) return `It arrived (status ${answer.status}).`;
    return [answer.message, answer.hint].filter(Boolean).join(' ');
  } catch {
    return "Lumen's server could not be reached.";
  }
}
