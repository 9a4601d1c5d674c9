// @ts-check

/** @typedef {import('../../../../src/classes.js').Connection} Connection */

/**
 * A button for each connection that sends a test message through it, and says what came of that.
 * @param {HTMLElement} page
 */
export function offerTestMessages(page) {
  const section = /** @type {HTMLElement} */ (page.querySelector('#test-messages'));
  const places = /** @type {HTMLElement} */ (section.querySelector('ul'));
  /** @type {Map<string, HTMLElement>} Kept while the list loads again: what they say, and the focus. */
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
      places.append(item);
    }
    section.hidden = items.size === 0;
  });
}

/** @param {Connection} connection */
function itemFor({ key, platform, name }) {
  const what = document.createElement('span');
  what.textContent = name ? `${platform}: ${name}` : platform;
  what.id = `use-${crypto.randomUUID()}`;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Send a test message';
  button.setAttribute('aria-describedby', what.id);
  const outcome = document.createElement('output');
  button.addEventListener('click', async () => {
    // Not `disabled`, which would take the focus away.
    if (button.ariaDisabled === 'true') return;
    button.ariaDisabled = 'true';
    outcome.textContent = 'Sending …';
    outcome.textContent = await send(key);
    button.ariaDisabled = null;
  });
  const item = document.createElement('li');
  item.append(what, button, outcome);
  return item;
}

/**
 * @param {string} key
 * @returns {Promise<string>} what came of it, in words
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
