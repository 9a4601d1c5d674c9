import { expect } from '@open-wc/testing';
import type { PicaError } from '../../src/classes.js';
import { nextEvent, part, stage, until } from '../fixtures/elements.js';
import { endpoints, hangsUp } from '../fixtures/servers/origins.js';
import { control, puppetUrl, uniqueName } from '../fixtures/servers/puppet-client.js';
import type { Behaviour } from '../fixtures/servers/protocol.js';

/** Serves the one-file build without the diagnosis, and returns its URL. */
const serveWithoutDiagnosis = async (): Promise<string> => {
  const body = await (await fetch('/dist/pica-connect.min.js')).text();
  const scope = uniqueName();
  await control(scope, {
    behaviour: [
      {
        ...{ path: 'pica-connect.min.js', method: 'GET', status: 200, body },
        headers: { 'content-type': 'text/javascript' },
      },
      { path: 'pica-connect.diagnosis.js', method: 'GET', status: 404 },
    ],
  });
  return `${endpoints}/${scope}/pica-connect.min.js`;
};

/** Opens a page with that build, and a button with these attributes. */
const openPage = async (
  attributes: Record<string, string | undefined>,
  script?: string,
): Promise<HTMLElementTagNameMap['pica-connect-button']> => {
  const frame = document.createElement('iframe');
  frame.title = 'A page without the file that explains';
  // Large enough for AuthKit to open in the frame.
  frame.width = '800';
  frame.height = '600';
  frame.srcdoc = `<!doctype html><html lang="en"><title>Page</title><body>
    <pica-connect-button debug></pica-connect-button>
    <script src="${script ?? (await serveWithoutDiagnosis())}"></script></body></html>`;
  stage.append(frame);
  await nextEvent('load', frame);
  const button = frame.contentDocument?.querySelector('pica-connect-button');
  if (!button) throw new Error('The page has no button');
  for (const [name, value] of Object.entries(attributes)) button.setAttribute(name, value ?? '');
  await button.updateComplete;
  return button;
};

type Button = Awaited<ReturnType<typeof openPage>>;

const report = (button: Button): string =>
  button.shadowRoot?.querySelector('.debug')?.textContent ?? '';

const firstError = async (button: Button): Promise<PicaError> => {
  const errorEvent = nextEvent('pica-error', button);
  part(button, 'button').click();
  return (await errorEvent).detail.error;
};

const oneSentence = /^\S[^\n]{10,}\.$/;

const noCors = {
  'access-control-allow-origin': null,
  'access-control-allow-headers': null,
  'access-control-allow-methods': null,
};

describe('without pica-connect.diagnosis.js', () => {
  const faults: [string, PicaError['code'], Partial<Behaviour>][] = [
    ['POST is refused', 'token-endpoint-method', { method: 'POST', status: 405 }],
    ['the endpoint fails', 'token-endpoint-status', { method: 'POST', status: 500 }],
    ['the endpoint redirects', 'token-endpoint-cors', { method: 'POST', status: 302 }],
    ['the endpoint has no CORS headers', 'token-endpoint-cors', { headers: noCors }],
    ['the response is not a token', 'token-response-invalid', { method: 'POST', body: 'null' }],
    ['the endpoint drops the connection', 'token-endpoint-unreachable', { drop: true }],
  ];
  for (const [condition, code, behaviour] of faults) {
    it(`${code} is dispatched and shown if ${condition}`, async () => {
      const scope = uniqueName();
      const location: Behaviour['headers'] = behaviour.status === 302 ? { location: '/' } : {};
      await control(scope, {
        behaviour: [
          { path: 'token', ...behaviour, headers: { ...behaviour.headers, ...location } },
        ],
      });
      const button = await openPage({
        'token-url': `${endpoints}/${scope}/token`,
        'base-url': puppetUrl(scope),
      });
      const error = await firstError(button);
      expect(error.code).to.equal(code);
      expect(error.message).to.match(oneSentence);
      expect(error.hint).to.match(oneSentence);
      await until(() => report(button).includes(`${code}: ${error.message} ${error.hint}`));
    });
  }

  it('integration-not-found is dispatched and shown', async () => {
    const scope = uniqueName();
    const button = await openPage({
      'token-url': `${endpoints}/${scope}/token`,
      'base-url': puppetUrl(scope),
      'selected-connection': 'Gmale',
    });
    const { code, message, hint } = await firstError(button);
    expect(code).to.equal('integration-not-found');
    expect(message).to.contain('Gmale').and.to.match(oneSentence);
    expect(hint).to.match(oneSentence);
    await until(() => report(button).includes(`${code}: ${message} ${hint}`));
  });

  it('an error that needs no diagnosis has its full text', async () => {
    const button = await openPage({});
    const { code, message, hint } = await firstError(button);
    expect(code).to.equal('token-url-missing');
    await until(() => report(button).includes(`${code}: ${message} ${hint}`));
  });

  it('check() names the missing file and what to do', async () => {
    const button = await openPage({ 'token-url': `${hangsUp}/token` });
    const findings = await button.check();
    expect(findings).to.have.length(1);
    expect(findings[0]).to.include({ code: 'check', ok: false });
    expect(findings[0]?.hint).to.contain('pica-connect.diagnosis.js');
    expect(findings[0]?.hint).to.match(oneSentence);
  });

  it('errors are dispatched by a script with a blob: URL too', async () => {
    const text = await (await fetch('/dist/pica-connect.min.js')).text();
    const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
    const button = await openPage({ 'token-url': `${hangsUp}/token` }, url);
    const { code } = await firstError(button);
    expect(code).to.equal('token-endpoint-unreachable');
    URL.revokeObjectURL(url);
  });
});
