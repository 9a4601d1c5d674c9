/**
 * The fonts that `.ci/run` installs. All are named, because fallback fonts differ between machines. The states'
 * icons are in Symbols2.
 */
export const fonts = ['Liberation Sans', 'Noto Sans Symbols2', 'Noto Sans Arabic'];

/** The time in the pictures, which keeps "3 days ago" true. */
export const now = new Date('2026-01-15T12:00:00Z');

const page = (body: string, styles = '') => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Settings</title>
    <link rel="icon" href="data:," />
    <script>
      const { Date: Clock } = window;
      Date = class extends Clock {
        constructor(...time) { super(...(time.length > 0 ? time : [${now.getTime()}])) }
        static now() { return ${now.getTime()} }
      };
    </script>
    <script src="/pica-connect.min.js" defer></script>
    <style>
      :root { color-scheme: light dark; background: light-dark(#fff, #1b1d24); color: light-dark(#1c1f26, #eceef3) }
      body { margin: 0; font: 1em/1.4 ${fonts.map((name) => `'${name}'`).join(', ')} }
      main { padding: 8px }
      ${styles}
    </style>
  </head>
  <body>
    <main>${body}</main>
  </body>
</html>`;

export const listPage = (hasIntegrations: boolean) =>
  page(`<pica-connections-list
    connections-url="/connections"
    ${hasIntegrations ? 'integrations-url="/integrations"' : ''}
  ></pica-connections-list>`);

/** A page that opens AuthKit's modal. `authkitPage`, on another origin, is a stand-in for AuthKit's page. */
export const modalPage = (authkit: string) =>
  page(`<h1>Settings</h1>
    <p>What is behind the dialog cannot be used, and can be seen.</p>
    <pica-connect-button
      token-url="/token" token-check="off" timeout="1000" base-url="${authkit}"
      selected-connection="Gmail"
    ></pica-connect-button>`);

/** Like AuthKit's own page: a centered card as wide as a small window, with the host's page visible around it. */
export const authkitPage = `<!doctype html>
<meta charset="utf-8" />
<title>AuthKit</title>
<style>
  body { display: grid; place-items: center; box-sizing: border-box; height: 100vh; margin: 0; font: 16px/1.4 '${fonts[0]}' }
  main { box-sizing: border-box; width: min(100%, 28rem); height: min(100%, 36rem); padding: 24px; border-radius: 12px; background: #fff; color: #222 }
</style>
<main>AuthKit’s own page</main>`;

const icon =
  '<svg slot="icon" viewBox="0 0 8 8"><path d="M0 1h8v6H0z" fill="#d33" /><path d="m0 1 4 3 4-3" fill="none" stroke="#fff" /></svg>';

const sample = (caption: string, attributes = '', content = 'Connect Gmail') =>
  `<figure><pica-connect-button ${attributes}>${content}</pica-connect-button><figcaption>${caption}</figcaption></figure>`;

const states = (attributes: string) =>
  [
    ...['idle', 'hover', 'focus', 'active', 'loading', 'open', 'saving', 'unsaved'].map((state) =>
      sample(state, `${attributes} data-state="${state}"`),
    ),
    sample('disabled', `${attributes} disabled`),
    sample('invalid', `${attributes} required data-state="invalid"`),
    sample('connected', `${attributes} value="live::gmail::default::abc"`),
  ].join('');

const longName =
  'Connect the Customer Relationship and Campaign Management Suite for Enterprises, Second Edition';

/** The button in every state, with every kind of label, in every kind of container. */
export const buttonPage = page(
  `<h2>Filled</h2>
  <div class="samples">${states('')}</div>
  <h2>Quiet</h2>
  <div class="samples">${states('appearance="quiet"')}</div>
  <h2>Labels</h2>
  <div class="samples">
    ${sample('none', 'selected-connection="Google Calendar"', '')}
    ${sample('icon', '', `${icon}Connect Gmail`)}
    ${sample('icon, loading', 'data-state="loading"', `${icon}Connect Gmail`)}
    ${sample('short', '', 'Go')}
    ${sample('short, saving', 'data-state="saving"', 'Go')}
    ${sample('short, unsaved', 'data-state="unsaved"', 'Go')}
    ${sample('Arabic', 'lang="ar"', 'ربط جيميل')}
    ${sample('long', '', `${icon}${longName}`)}
    ${sample('one long word', '', 'Verbindungsaufnahmebestätigungsschaltflächenbeschriftung')}
  </div>
  <h2>Focus on any ground</h2>
  <div class="samples backgrounds">
    ${['#3b5bdb', '#91a7ff', '#777']
      .map(
        (color) =>
          `<div style="background: ${color}">${sample('', `data-state="focus"`)}${sample('', `data-state="focus" appearance="quiet"`)}</div>`,
      )
      .join('')}
  </div>
  <h2>Places</h2>
  <p>In a line <pica-connect-button>Connect</pica-connect-button> of text, and
    <pica-connect-button appearance="quiet">Connect</pica-connect-button> again.</p>
  <div class="flex"><input aria-label="Mail" placeholder="Mail" /><pica-connect-button>Connect Gmail</pica-connect-button><pica-connect-button appearance="quiet">Later</pica-connect-button></div>
  <div class="grid"><pica-connect-button>Connect Gmail</pica-connect-button><pica-connect-button appearance="quiet">Connect Slack</pica-connect-button><pica-connect-button>${longName}</pica-connect-button></div>
  <table><tr><th>Gmail</th><td>Ada</td><td><pica-connect-button>Connect Gmail</pica-connect-button></td></tr>
    <tr><th>Slack</th><td>–</td><td><pica-connect-button data-state="unsaved">Connect</pica-connect-button></td></tr></table>
  <pica-connect-button style="width: 100%">As wide as its place</pica-connect-button>
  <h2>With debug</h2>
  <pica-connect-button debug>Connect Gmail</pica-connect-button>
  <h2>Text of 200 %</h2>
  <div class="samples" style="font-size: 200%">
    ${sample('idle', '', `${icon}Connect Gmail`)}
    ${sample('quiet', 'appearance="quiet"')}
    ${sample('unsaved', 'data-state="unsaved"')}
  </div>`,
  `h2 { margin: 1.5em 0 0.5em; font-size: 1em }
  figure { margin: 0; min-width: 0 }
  figcaption { margin-top: 0.5em; font-size: 0.75em; opacity: 0.8 }
  .samples { display: flex; flex-wrap: wrap; align-items: start; gap: 1.25em }
  .backgrounds > div { display: flex; gap: 1em; padding: 1em }
  .flex { display: flex; gap: 8px; margin: 1em 0 }
  .flex input { flex: 1; min-width: 0 }
  .grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(9em, 1fr)); gap: 8px; margin: 1em 0 }
  table { border-collapse: collapse; margin: 1em 0 }
  th, td { padding: 0.25em 0.5em; border: 1px solid #8888; text-align: start }`,
);
