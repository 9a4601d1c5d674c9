// @ts-check

/** Accounts in every state, as a user of some years has them. */
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
 * Lets whoever looks at the demo fill the list: only beside the sandbox, as these accounts are none.
 * @param {HTMLElement} page
 * @param {string} user
 * @param {string} sandbox its origin
 */
export function offerExamples(page, user, sandbox) {
  const button = /** @type {HTMLButtonElement} */ (page.querySelector('#examples'));
  const list = page.querySelector('pica-connections-list');
  button.hidden = false;
  button.addEventListener('click', () => {
    button.disabled = true;
    void Promise.all(
      examples.map(async ([platform, state, name, environment]) => {
        const key = `${environment}::${platform}::example::${name}|${user}`;
        const example = { platform, environment, state, name };
        // At Pica's stand-in too, or they would soon be found to be missing there.
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
