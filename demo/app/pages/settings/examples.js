// @ts-check

/** Accounts in every state, like those of a user of several years. */
export const examples = [
  ['gmail', 'operational', 'mail@lumen.example', 'live'],
  ['gmail', 'operational', 'sales@lumen.example', 'live'],
  ['google-calendar', 'operational', 'mail@lumen.example', 'test'],
  ['hubspot', 'operational', 'Lumen GmbH', 'live'],
  ['slack', 'degraded', 'Lumen', 'live'],
  ['notion', 'degraded', 'Handbook', 'live'],
  ['stripe', 'degraded', 'Test account', 'test'],
  ['outlook-mail', 'failed', 'office@lumen.example', 'live'],
  ['salesforce', 'failed', 'Europe', 'live'],
  ['zendesk', 'failed', 'Support', 'live'],
  ['dropbox', 'unknown', 'Archive', 'live'],
  ['openai', 'unknown', 'Key of March', 'test'],
];

/**
 * Shows a button that fills the list with examples. Only for the sandbox, because the accounts are not real.
 * @param {HTMLElement} page
 * @param {string} user
 * @param {string} sandbox the origin of the sandbox
 */
export function showExamplesButton(page, user, sandbox) {
  const button = /** @type {HTMLButtonElement} */ (page.querySelector('#examples'));
  const list = page.querySelector('pica-connections-list');
  button.hidden = false;
  button.addEventListener('click', () => {
    button.disabled = true;
    void Promise.all(
      examples.map(async ([platform, state, name, environment]) => {
        const key = `${environment}::${platform}::example::${name}|${user}`;
        const example = { platform, environment, state, name };
        // Also in the stand-in's vault, or the backend would soon mark them as missing.
        await post(`${sandbox}/sandbox/vault`, { ...example, key, identity: user });
        await post('/api/connections', { ...example, connection_key: key });
      }),
    )
      .then(() => list?.refresh())
      .finally(() => {
        button.disabled = false;
      });
  });
}

/**
 * @param {string} url
 * @param {object} body
 */
function post(url, body) {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}
