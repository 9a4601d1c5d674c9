import { expect } from '@open-wc/testing';
import type { Finding, PicaConnectButton } from '../../src/classes.js';
import {
  authkitFrame,
  mount,
  mountButton,
  mountList,
  nextEvent,
  openAuthKit,
  part,
  until,
} from '../fixtures/elements.js';
import { endpoints, hangsUp, otherOrigin } from '../fixtures/servers/origins.js';
import { control, puppetUrl, requests, uniqueName } from '../fixtures/servers/puppet-client.js';

/** What was found about one code. */
const about = (findings: Finding[], code: Finding['code']): Finding[] =>
  findings.filter((finding) => finding.code === code);

const bad = (findings: Finding[]): string[] =>
  findings.filter(({ ok }) => !ok).map(({ code }) => code);

describe('check()', () => {
  it('finds nothing wrong where all is well, and has a line for each', async () => {
    const scope = uniqueName();
    await control(scope, { connections: { rows: [{ key: 'a', platform: 'gmail' }] } });
    const button = await mountButton(
      {
        selectedConnection: 'Gmail',
        tokenHeaders: { 'x-user-id': '7' },
        connectionsUrl: `${endpoints}/${scope}/connections`,
        identity: 'ada',
      },
      scope,
    );
    const findings = await button.check();
    expect(bad(findings)).to.deep.equal([]);
    expect(new Set(findings.map(({ code }) => code))).to.deep.equal(
      new Set([
        ...['token-url-invalid', 'token-headers-invalid', 'token-response-invalid'],
        ...['token-endpoint-cors', 'integration-not-found', 'authkit-unreachable'],
        ...['authkit-blocked', 'secure-context', 'opener-policy', 'load-failed', 'storage'],
      ]),
    );
    for (const { message } of findings) expect(message).to.match(/^\S.*\.$/);
    expect(about(findings, 'load-failed')[0]?.message).to.contain('1 rows');
  });

  it('opens nothing, and leaves nothing behind', async () => {
    const button = await mountButton();
    await button.check();
    expect(authkitFrame()).to.equal(null);
    expect(document.querySelectorAll('iframe[hidden]').length).to.equal(0);
    expect(localStorage.getItem('pica-connect.check')).to.equal(null);
  });

  it('works before the element is in the page, and without anything set', async () => {
    const findings = await document.createElement('pica-connect-button').check();
    expect(bad(findings)).to.contain('token-url-missing');
  });

  const faults: [string, Partial<PicaConnectButton>, Finding['code'], string][] = [
    ['no address', { tokenUrl: 'mailto:a@b.c' }, 'token-url-invalid', 'mailto'],
    ['headers that are none', { tokenHeaders: 'x' as never }, 'token-headers-invalid', 'JSON'],
    [
      'an odd header',
      { tokenHeaders: { 'x-user-id': 'undefined' } },
      'token-headers-invalid',
      'x-user-id',
    ],
    [
      'a token endpoint that is not there',
      { tokenUrl: `${hangsUp}/t` },
      'token-endpoint-unreachable',
      'does not answer',
    ],
    ['a name that is none', { selectedConnection: 'Gmale' }, 'integration-not-found', 'Gmale'],
    ['AuthKit that is not there', { baseUrl: `${hangsUp}/` }, 'authkit-unreachable', hangsUp],
    [
      'a list that cannot be read',
      { connectionsUrl: `${hangsUp}/c` },
      'load-failed',
      'connections-url',
    ],
  ];
  for (const [what, properties, code, words] of faults) {
    it(`finds ${what}`, async () => {
      const button = await mountButton({ selectedConnection: 'Gmail', ...properties });
      const found = about(await button.check(), code).find(({ ok }) => !ok);
      expect(`${found?.message} ${found?.hint}`).to.contain(words);
    });
  }

  it('says how a name is understood', async () => {
    const button = await mountButton({ selectedConnection: 'google-calendar' });
    const [found] = about(await button.check(), 'integration-not-found');
    expect(found).to.include({ ok: true });
    expect(found?.hint).to.contain('selected-connection="Google Calendar"');
  });

  it('of the list looks at its two addresses', async () => {
    const scope = uniqueName();
    const list = await mountList({
      tokenUrl: `${endpoints}/${scope}/token`,
      connectionsUrl: `${endpoints}/${scope}/connections`,
      integrationsUrl: `${hangsUp}/integrations`,
      baseUrl: puppetUrl(scope),
    });
    const found = about(await list.check(), 'load-failed');
    expect(found.map(({ ok }) => ok)).to.deep.equal([true, false]);
    expect(found[1]?.message).to.contain('integrations-url');
  });

  it('says how the token endpoint is now, also when it was good before', async () => {
    const scope = uniqueName();
    const button = await mountButton({}, scope);
    expect(about(await button.check(), 'token-endpoint-status')).to.deep.equal([]);
    await control(scope, { behaviour: [{ path: 'token', method: 'POST', status: 503 }] });
    const [found] = about(await button.check(), 'token-endpoint-status');
    expect(found?.message).to.contain('503');
  });

  it('asks the token endpoint no more than an opening does', async () => {
    const scope = uniqueName();
    const button = await mountButton({}, scope);
    await Promise.all([button.check(), button.check()]);
    await openAuthKit(button);
    expect((await requests(scope)).filter(({ path }) => path === 'token')).to.have.length.at.most(
      2,
    );
    expect((await requests(scope)).filter(({ method }) => method === 'POST')).to.have.length(1);
  });
});

describe('debug', () => {
  const reportOf = (element: Element): string =>
    element.shadowRoot?.querySelector<HTMLElement>('.debug')?.innerText ?? '';

  const fail = async (button: PicaConnectButton) => {
    const told = nextEvent('pica-error', button);
    part(button, 'button').click();
    return (await told).detail.error;
  };

  /** Until the end of the test. */
  const replaceClipboard = (value: Partial<Clipboard> | undefined) => {
    Object.defineProperty(navigator, 'clipboard', { value, configurable: true });
  };
  afterEach(() => {
    Reflect.deleteProperty(navigator, 'clipboard');
  });

  const pressCopy = async (button: PicaConnectButton) => {
    await until(() => reportOf(button).includes('Copy'));
    const buttons = [
      ...(button.shadowRoot?.querySelectorAll<HTMLButtonElement>('.debug button') ?? []),
    ];
    buttons.find(({ textContent }) => textContent === 'Copy')?.click();
  };

  it('shows beside the button what is wrong, with what to change and where to read on', async () => {
    const button = await mountButton({ debug: true, tokenUrl: null });
    const error = await fail(button);
    await until(() => reportOf(button).includes('Copy'));
    expect(reportOf(button)).to.contain(error.message).and.to.contain(error.hint);
    const link = button.shadowRoot?.querySelector<HTMLAnchorElement>('.debug a');
    expect(link?.href).to.match(/\/demo\/docs\/errors\/token-url-missing\.md$/);
  });

  it('shows it beside the list', async () => {
    const list = await mountList({ debug: true, connectionsUrl: `${hangsUp}/connections` });
    await until(() => reportOf(list).includes('load-failed'));
  });

  it('copies what can be pasted into a ticket, and nothing of an address that may be secret', async () => {
    let copied = '';
    replaceClipboard({
      writeText: (text: string) => {
        copied = text;
        return Promise.resolve();
      },
    });
    history.replaceState(null, '', '#s3cr3t');
    const button = await mountButton({ debug: true, tokenUrl: null });
    const error = await fail(button);
    await pressCopy(button);
    await until(() => reportOf(button).includes('Copied'));
    history.replaceState(null, '', location.pathname + location.search);
    expect(copied).to.contain(`BAD token-url-missing: ${error.message} ${error.hint}`);
    expect(copied).to.contain(location.origin + location.pathname);
    expect(copied).to.not.contain('s3cr3t');
  });

  for (const [where, clipboard] of [
    ['there is no clipboard, as on a page at http', undefined],
    ['the browser refuses', { writeText: () => Promise.reject(new Error('no')) }],
  ] as const) {
    it(`says that nothing was copied where ${where}`, async () => {
      replaceClipboard(clipboard);
      const button = await mountButton({ debug: true, tokenUrl: null });
      await fail(button);
      await pressCopy(button);
      await until(() => reportOf(button).includes('Could not copy'));
    });
  }

  it('says how many are not right', async () => {
    const button = await mountButton({ debug: true, tokenUrl: null });
    await fail(button);
    await until(() => reportOf(button).includes('Failed checks: 1 of 1.'));
  });

  it('says once what fails again and again', async () => {
    const list = await mountList({ debug: true, connectionsUrl: `${hangsUp}/connections` });
    await until(() => reportOf(list).includes('load-failed'));
    await list.refresh();
    await list.updateComplete;
    await until(() => reportOf(list).includes('Failed checks: 1 of 1.'));
  });

  it('checks everything at a click', async () => {
    const button = await mountButton({ debug: true });
    await until(() => reportOf(button).includes('Check everything'));
    button.shadowRoot?.querySelector<HTMLButtonElement>('.debug button')?.click();
    await until(() => reportOf(button).includes('No problems found.'));
    expect(reportOf(button)).to.contain('The token endpoint lists 3 integrations.');
  });

  it('asks nothing by itself', async () => {
    const scope = uniqueName();
    const button = await mountButton({ debug: true }, scope);
    await until(() => reportOf(button).includes('Check everything'));
    expect(await requests(scope)).to.deep.equal([]);
  });

  it('that is taken back before all of it has come is there when it is set again', async () => {
    const button = await mountButton({ debug: true });
    button.debug = false;
    await button.updateComplete;
    button.debug = true;
    await until(() => reportOf(button).includes('Check everything'));
  });

  it('forgets what was wrong when AuthKit is opened anew', async () => {
    const button = await mountButton({ debug: true, tokenUrl: null });
    await fail(button);
    await until(() => reportOf(button).includes('token-url-missing'));
    button.tokenUrl = `${endpoints}/${uniqueName()}/token`;
    await openAuthKit(button);
    await until(() => !reportOf(button).includes('token-url-missing'));
  });

  it('is for no visitor of a page without it, whatever its address says', async () => {
    history.replaceState(null, '', '#pica-debug');
    const button = await mountButton({ tokenUrl: null });
    await fail(button);
    await button.updateComplete;
    expect(button.debug).to.equal(false);
    expect(button.shadowRoot?.querySelector('.debug') === null).to.equal(true);
    history.replaceState(null, '', location.pathname + location.search);
  });

  it('shows no markup of what a server said', async () => {
    const scope = uniqueName();
    await control(scope, {
      behaviour: [
        {
          path: 'token',
          method: 'POST',
          status: 500,
          body: { message: '<img src=x onerror=alert(1)>' },
        },
      ],
    });
    const button = await mountButton({ debug: true }, scope);
    await fail(button);
    await until(() => reportOf(button).includes('onerror'));
    expect(button.shadowRoot?.querySelector('.debug img') === null).to.equal(true);
  });
});

describe('frames that the page forbids', () => {
  it('are found by check()', async () => {
    const policy = document.createElement('meta');
    policy.httpEquiv = 'Content-Security-Policy';
    policy.content = `frame-src 'self' ${endpoints}`;
    document.head.append(policy);
    const button = mount('<pica-connect-button></pica-connect-button>') as PicaConnectButton;
    button.tokenUrl = `${endpoints}/${uniqueName()}/token`;
    button.baseUrl = puppetUrl(uniqueName(), otherOrigin);
    const found = about(await button.check(), 'authkit-blocked');
    expect(found[0]).to.include({ ok: false });
    expect(found[0]?.hint).to.contain(otherOrigin);
  });
});
