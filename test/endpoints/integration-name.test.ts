import { expect } from '@open-wc/testing';
import { openAuthKit, recordEvents, visibleFrame } from '../fixtures/elements.js';
import { puppetUrl, requestedNames, uniqueName } from '../fixtures/servers/puppet-client.js';
import {
  token,
  mountWithEndpoint,
  firstError,
  listenToConsole,
} from '../fixtures/token-endpoint.js';

describe('selected-connection', () => {
  /** Opens AuthKit, and waits until its page has been requested with this name. */
  const openWith = async (
    selectedConnection: string,
    name: string | undefined,
    rows: object[] = token.rows,
  ) => {
    const page = uniqueName();
    const { button } = await mountWithEndpoint(
      { token: { rows } },
      { selectedConnection, baseUrl: puppetUrl(page) },
    );
    void button.open();
    while ((await requestedNames(page)).at(-1) !== name);
    return { button, page };
  };

  for (const [spelling, name] of [
    ['Gmail', 'Gmail'],
    ['gmail', 'Gmail'],
    ['GMAIL', 'Gmail'],
    ['google-calendar', 'Google Calendar'],
    ['google calendar', 'Google Calendar'],
    ['conn_def::gmail', 'conn_def::gmail'],
  ] as const) {
    it(`"${spelling}" opens AuthKit with "${name}"`, async () => {
      const { button, page } = await openWith(spelling, name);
      button.close();
      await openAuthKit(button);
      expect((await requestedNames(page)).at(-1)).to.equal(name);
    });
  }

  for (const exactName of ['Gmail', 'conn_def::b']) {
    it(`"${exactName}" is not corrected if an integration has exactly this name`, async () => {
      const rows = [
        { title: 'GMAIL', connectionDefId: 'conn_def::a' },
        { title: 'Gmail', connectionDefId: 'conn_def::b' },
      ];
      const { button } = await mountWithEndpoint(
        { token: { rows } },
        { selectedConnection: exactName },
      );
      const { names } = recordEvents(button);
      const { warnings, stop } = listenToConsole();
      await openAuthKit(button);
      stop();
      expect(button.selectedConnection).to.equal(exactName);
      expect(names).to.deep.equal(['pica-open']);
      expect(warnings).to.deep.equal([]);
    });
  }

  for (const field of ['title', 'platform', 'key', 'type', 'connectionDefId']) {
    it(`is found by "${field}" in another spelling`, async () => {
      const value = field === 'connectionDefId' ? 'conn_def::exa-mail' : 'exa-mail';
      const rows = [
        { title: 'Other', type: 'other' },
        { title: 'Exa', [field]: value },
      ];
      const { button, page } = await openWith('EXA Mail', rows[1]?.title, rows);
      button.close();
      await openAuthKit(button);
      expect((await requestedNames(page)).at(-1)).to.equal(rows[1]?.title);
    });
  }

  it('in another spelling causes one warning', async () => {
    const { warnings, stop } = listenToConsole();
    const { button } = await openWith('gOOgle  cAlendar', 'Google Calendar');
    button.close();
    await openAuthKit(button);
    stop();
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.contain('"Google Calendar"');
  });

  it('that is unknown causes integration-not-found, with similar names', async () => {
    const { button } = await mountWithEndpoint({ token }, { selectedConnection: 'Gogle Calender' });
    const error = await firstError(button);
    expect(error.code).to.equal('integration-not-found');
    expect(error.message).to.contain('Gogle Calender');
    expect(error.hint).to.contain('"Google Calendar"');
    await visibleFrame();
  });

  it('that is inactive causes integration-not-found', async () => {
    const { button } = await mountWithEndpoint({ token }, { selectedConnection: 'Old' });
    expect((await firstError(button)).code).to.equal('integration-not-found');
  });
});
