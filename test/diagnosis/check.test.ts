import { expect } from '@open-wc/testing';
import type { Finding, PicaConnectButton } from '../../src/classes.js';
import { authkitFrame, mount, mountButton, mountList, openAuthKit } from '../fixtures/elements.js';
import { endpoints, hangsUp, otherOrigin } from '../fixtures/servers/origins.js';
import { control, puppetUrl, requests, uniqueName } from '../fixtures/servers/puppet-client.js';

/** The findings with this code. */
const withCode = (findings: Finding[], code: Finding['code']): Finding[] =>
  findings.filter((finding) => finding.code === code);

const failedCodes = (findings: Finding[]): string[] =>
  findings.filter(({ ok }) => !ok).map(({ code }) => code);

describe('check()', () => {
  it('finds no fault in a working set-up, and has a finding for each check', async () => {
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
    expect(failedCodes(findings)).to.deep.equal([]);
    expect(new Set(findings.map(({ code }) => code))).to.deep.equal(
      new Set([
        ...['token-url-invalid', 'token-headers-invalid', 'token-response-invalid'],
        ...['token-endpoint-cors', 'integration-not-found', 'authkit-unreachable'],
        ...['authkit-blocked', 'secure-context', 'opener-policy', 'load-failed', 'storage'],
      ]),
    );
    for (const { message } of findings) expect(message).to.match(/^\S.*\.$/);
    expect(withCode(findings, 'load-failed')[0]?.message).to.contain('1 rows');
  });

  it('opens nothing, and leaves nothing behind', async () => {
    const button = await mountButton();
    await button.check();
    expect(authkitFrame()).to.equal(null);
    expect(document.querySelectorAll('iframe[hidden]').length).to.equal(0);
    expect(localStorage.getItem('pica-connect.check')).to.equal(null);
  });

  it('works before the element is connected, and without any configuration', async () => {
    const findings = await document.createElement('pica-connect-button').check();
    expect(failedCodes(findings)).to.contain('token-url-missing');
  });

  const faults: [string, Partial<PicaConnectButton>, Finding['code'], string][] = [
    ['an invalid token-url', { tokenUrl: 'mailto:a@b.c' }, 'token-url-invalid', 'mailto'],
    ['invalid headers', { tokenHeaders: 'x' as never }, 'token-headers-invalid', 'JSON'],
    [
      'a suspicious header',
      { tokenHeaders: { 'x-user-id': 'undefined' } },
      'token-headers-invalid',
      'x-user-id',
    ],
    [
      'an unreachable token endpoint',
      { tokenUrl: `${hangsUp}/t` },
      'token-endpoint-unreachable',
      'does not answer',
    ],
    ['an unknown integration', { selectedConnection: 'Gmale' }, 'integration-not-found', 'Gmale'],
    ['an unreachable AuthKit', { baseUrl: `${hangsUp}/` }, 'authkit-unreachable', hangsUp],
    [
      'an unreachable connections-url',
      { connectionsUrl: `${hangsUp}/c` },
      'load-failed',
      'connections-url',
    ],
  ];
  for (const [fault, properties, code, excerpt] of faults) {
    it(`finds ${fault}`, async () => {
      const button = await mountButton({ selectedConnection: 'Gmail', ...properties });
      const found = withCode(await button.check(), code).find(({ ok }) => !ok);
      expect(`${found?.message} ${found?.hint}`).to.contain(excerpt);
    });
  }

  it('reports which integration a name refers to', async () => {
    const button = await mountButton({ selectedConnection: 'google-calendar' });
    const [found] = withCode(await button.check(), 'integration-not-found');
    expect(found).to.include({ ok: true });
    expect(found?.hint).to.contain('selected-connection="Google Calendar"');
  });

  it('of a list checks both of its URLs', async () => {
    const scope = uniqueName();
    const list = await mountList({
      tokenUrl: `${endpoints}/${scope}/token`,
      connectionsUrl: `${endpoints}/${scope}/connections`,
      integrationsUrl: `${hangsUp}/integrations`,
      baseUrl: puppetUrl(scope),
    });
    const found = withCode(await list.check(), 'load-failed');
    expect(found.map(({ ok }) => ok)).to.deep.equal([true, false]);
    expect(found[1]?.message).to.contain('integrations-url');
  });

  it('requests the token endpoint again, even if it worked before', async () => {
    const scope = uniqueName();
    const button = await mountButton({}, scope);
    expect(withCode(await button.check(), 'token-endpoint-status')).to.deep.equal([]);
    await control(scope, { behaviour: [{ path: 'token', method: 'POST', status: 503 }] });
    const [found] = withCode(await button.check(), 'token-endpoint-status');
    expect(found?.message).to.contain('503');
  });

  it('requests the token endpoint no more often than an opening does', async () => {
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

describe('a frame that the page’s policy forbids', () => {
  it('is found by check()', async () => {
    const policy = document.createElement('meta');
    policy.httpEquiv = 'Content-Security-Policy';
    policy.content = `frame-src 'self' ${endpoints}`;
    document.head.append(policy);
    const button = mount('<pica-connect-button></pica-connect-button>') as PicaConnectButton;
    button.tokenUrl = `${endpoints}/${uniqueName()}/token`;
    button.baseUrl = puppetUrl(uniqueName(), otherOrigin);
    const found = withCode(await button.check(), 'authkit-blocked');
    expect(found[0]).to.include({ ok: false });
    expect(found[0]?.hint).to.contain(otherOrigin);
  });
});
