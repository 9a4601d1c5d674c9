import { expect } from '@open-wc/testing';
import { openAuthKit, recordEvents, visibleFrame } from '../fixtures/elements.js';
import { nextPuppetMessage } from '../fixtures/servers/puppet-client.js';
import {
  token,
  mountWithEndpoint,
  firstError,
  listenToConsole,
} from '../fixtures/token-endpoint.js';

describe('selected-connection', () => {
  const openedWith = async (selectedConnection: string) => {
    const { button } = await mountWithEndpoint({ token }, { selectedConnection });
    void button.open();
    const { data } = await nextPuppetMessage('loaded');
    return { button, name: data?.selectedConnection };
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
      expect((await openedWith(spelling)).name).to.equal(name);
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
      const { button } = await mountWithEndpoint(
        { token: { rows } },
        { selectedConnection: 'EXA Mail' },
      );
      void button.open();
      const { data } = await nextPuppetMessage('loaded');
      expect(data?.selectedConnection).to.equal(rows[1]?.title);
    });
  }

  it('in another spelling causes one warning', async () => {
    const { warnings, stop } = listenToConsole();
    const { button } = await openedWith('gOOgle  cAlendar');
    button.close();
    void button.open();
    await nextPuppetMessage('loaded');
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
