import { Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import { connect, connectionRequestSchema, type ConnectParts } from './connect.js';
import { answerError } from './errors.js';
import { integrationOf, type Integration } from './integrations.js';
import { validated } from './validated.js';

const consentSchema = connectionRequestSchema.extend({
  /** A random id that AuthKit's page chose. It polls for the outcome under this id. */
  attempt: z.string().min(1),
  companyName: z.string().optional(),
});

const decisionSchema = consentSchema.extend({ decision: z.enum(['allow', 'deny']) });

/** `/oauth/consent`: stands in for the page that the integration itself shows in the popup. */
export function consentPage(parts: ConnectParts) {
  const { attempts } = parts;

  return new Hono()
    .get('/oauth/consent', validated('query', consentSchema), (c) => {
      const consent = c.req.valid('query');
      const integration = integrationOf(consent.platform);
      if (!integration) return answerError(c, 404, 'The sandbox does not have this platform.');
      return c.html(consentForm(integration, consent));
    })
    .post('/oauth/consent', validated('form', decisionSchema), (c) => {
      const { attempt, decision, ...request } = c.req.valid('form');
      const integration = integrationOf(request.platform);
      if (!integration) return answerError(c, 404, 'The sandbox does not have this platform.');
      const previous = attempts.outcomeOf(attempt);
      // A form sent twice must not make two connections.
      if (previous.status === 'pending') {
        attempts.settle(
          attempt,
          decision === 'allow'
            ? { status: 'allowed', connection: connect(parts, request) }
            : { status: 'denied' },
        );
      }
      return c.html(closingPage(integration));
    });
}

const consentForm = (
  { name, platform, description }: Integration,
  consent: z.infer<typeof consentSchema>,
) => {
  const company = consent.companyName || 'This application';
  const fields = Object.entries(consent);
  return htmlPage(
    `Allow access to ${name}?`,
    html`<img src="../logos/${platform}.svg" alt="" width="56" height="56" />
      <h1>${company} wants to access your ${name} account</h1>
      <p>It will be able to see and change:</p>
      <ul>
        <li>${description}</li>
        <li>The name and the address of your account</li>
      </ul>
      <form method="post" action="consent">
        ${fields.map(([field, value]) => html`<input type="hidden" name="${field}" value="${value}" />`)}
        <button name="decision" value="deny">Deny</button>
        <button name="decision" value="allow" class="primary">Allow</button>
      </form>`,
  );
};

const closingPage = ({ name }: Integration) =>
  htmlPage(
    name,
    html`<h1>That is all</h1>
      <p>You can close this window.</p>
      <script type="module" src="../consent-page/close-window.js"></script>`,
  );

const htmlPage = (title: string, content: ReturnType<typeof html>) =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="../consent-page/consent.css" />
      </head>
      <body>
        <main>${content}</main>
        <footer><strong>Sandbox</strong> – stands in for the integration’s own consent page</footer>
      </body>
    </html>`;
