/** What the buttons are for. */
export const integrations = [
  'Gmail',
  'Slack',
  'HubSpot',
  'Google Calendar',
  'Dropbox',
  'Outlook Mail',
];

const buttons = 30;

/** A host's page of many elements. `window.fill()` puts them into it, and `window.empty()` takes them out. */
export const pageWith = (
  authkit: string,
  user: string,
  headers: { token: Record<string, string>; connections: Record<string, string> },
) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Soak</title>
    <link rel="icon" href="data:," />
    <script src="/dist/pica-connect.min.js" defer></script>
  </head>
  <body>
    <main></main>
    <aside></aside>
    <script>
      const options = \`token-url="/api/authkit/token" token-headers='${JSON.stringify(headers.token)}'
        request-headers='${JSON.stringify(headers.connections)}'
        connections-url="/api/connections" identity="${user}" base-url="${authkit}"\`;
      const integrations = ${JSON.stringify(integrations)};
      function fill() {
        const buttons = Array.from({ length: ${buttons} }, (_, index) =>
          \`<pica-connect-button \${options} selected-connection="\${integrations[index % integrations.length]}"></pica-connect-button>\`);
        const list = \`<pica-connections-list \${options} integrations-url="/api/integrations"></pica-connections-list>\`;
        document.querySelector('main').innerHTML = buttons.join('') + list;
        document.querySelector('aside').innerHTML = list;
      }
      function empty() {
        for (const place of document.querySelectorAll('main, aside')) place.replaceChildren();
      }
      fill();
    </script>
  </body>
</html>`;
