/** The integrations that the buttons connect. */
export const integrations = [
  'Gmail',
  'Slack',
  'HubSpot',
  'Google Calendar',
  'Dropbox',
  'Outlook Mail',
];

const buttonCount = 30;

/** A host page with many elements. `window.fill()` adds them and `window.empty()` removes them. */
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
        const buttons = Array.from({ length: ${buttonCount} }, (_, index) =>
          \`<pica-connect-button \${options} selected-connection="\${integrations[index % integrations.length]}"></pica-connect-button>\`);
        const list = \`<pica-connections-list \${options} integrations-url="/api/integrations"></pica-connections-list>\`;
        document.querySelector('main').innerHTML = buttons.join('') + list;
        document.querySelector('aside').innerHTML = list;
      }
      function empty() {
        for (const container of document.querySelectorAll('main, aside')) container.replaceChildren();
      }
      fill();
    </script>
  </body>
</html>`;
