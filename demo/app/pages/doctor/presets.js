// @ts-check

/**
 * What a button puts into the form.
 * @typedef {object} Preset
 * @property {string} name
 * @property {string} title
 * @property {string} code the code that is found; '' if there is no fault
 * @property {string} tokenUrl
 * @property {string} [headers]
 * @property {string} [baseUrl]
 * @property {string} [selectedConnection]
 * @property {string} [policy] a Content-Security-Policy to add to the page
 */

/** @typedef {Record<string, {title: string, code?: string}>} Faults */

/**
 * All presets: the faults of an endpoint, and those of the page itself.
 * @param {Faults} faults
 * @param {{faulty: string, baseUrl?: string, ownHeaders: string}} places
 * @returns {Preset[]}
 */
export function presetsOf(faults, { faulty, baseUrl = '', ownHeaders }) {
  const fine = `${faulty}/fine/token`;
  const own = new URL('/api/authkit/token', location.href).href;
  const authkit = baseUrl ? new URL(baseUrl).origin : 'https://authkit.picaos.com';
  return [
    {
      name: 'own',
      title: 'No fault: the endpoint of this demo',
      code: '',
      tokenUrl: own,
      headers: ownHeaders,
    },
    ...Object.entries(faults).map(([name, { title, code = '' }]) => ({
      ...{ name, title, code },
      tokenUrl: `${faulty}/${name}/token`,
    })),
    ...[
      {
        name: 'wrong-port',
        title: 'Nothing listens at that port',
        code: 'token-endpoint-unreachable',
        // No program gets this port by chance, and browsers don't block it.
        tokenUrl: 'http://127.0.0.1:2/token',
      },
      {
        name: 'mixed-content',
        title: 'Endpoint at http, AuthKit at https',
        code: 'token-endpoint-unreachable',
        tokenUrl: 'http://192.0.2.1/token',
        baseUrl: 'https://authkit.picaos.com',
      },
      {
        name: 'connect-src',
        title: "The page's connect-src forbids it",
        code: 'token-endpoint-unreachable',
        tokenUrl: fine,
        policy: `connect-src 'self' ${authkit}`,
      },
    ],
    ...[
      { name: 'no-url', title: 'No token-url', code: 'token-url-missing', tokenUrl: '' },
      {
        name: 'no-address',
        title: 'A token-url that is not a URL',
        code: 'token-url-invalid',
        tokenUrl: 'mailto:token@example.com',
      },
      ...['', 'undefined', 'null', '[object Object]'].map((value) => ({
        name: `header-${value.replace(/\W+/g, '-') || 'empty'}`,
        title: `A header that is ${value ? `"${value}"` : 'empty'}`,
        code: 'token-headers-invalid',
        tokenUrl: fine,
        headers: `x-user-id: ${value}`,
      })),
    ],
    {
      name: 'other-spelling',
      title: 'No fault: selected-connection in another spelling',
      code: '',
      tokenUrl: fine,
      selectedConnection: 'google-calendar',
    },
    {
      name: 'unknown-name',
      title: 'A selected-connection that does not exist',
      code: 'integration-not-found',
      tokenUrl: fine,
      selectedConnection: 'Gogle Calender',
    },
  ].map((preset) => ({ headers: 'x-user-id: ada', baseUrl, ...preset }));
}
