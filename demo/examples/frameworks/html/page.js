// @ts-check

import { tokenHeaders } from './host.js';

const element = (id) => document.getElementById(id);

const conditional = element('conditional');
conditional.tokenHeaders = tokenHeaders;
const events = ['ready'];
const recordEvent = ({ type }) => {
  if (type) events.push(type);
  element('events').textContent = events.join(' ');
};
for (const name of ['pica-open', 'pica-success', 'pica-close']) {
  conditional.addEventListener(name, recordEvent);
}
element('toggle').addEventListener('click', () => {
  if (conditional.isConnected) conditional.remove();
  else element('container').append(conditional);
});

const many = element('many');
for (const name of ['Gmail', 'Slack', 'HubSpot']) {
  const button = document.createElement('pica-connect-button');
  Object.assign(button, { tokenUrl: '/api/authkit/token', selectedConnection: name });
  button.textContent = name;
  const item = document.createElement('li');
  item.append(button);
  many.append(item);
}
element('reverse').addEventListener('click', () => {
  many.append(...[...many.children].reverse());
});

const account = (number) => ({
  key: `live::slack::default::${number}`,
  platform: 'slack',
  environment: 'live',
  state: 'operational',
  name: `Team ${number}`,
});
let accounts = [account(1), account(2)];
const controlled = element('controlled');
controlled.integrations = [{ platform: 'slack', name: 'Slack', category: 'Communication' }];
const show = () => {
  controlled.connections = accounts;
  controlled.querySelector('h2').textContent = `${accounts.length} accounts`;
  element('dynamic-label').textContent = `Connect ${accounts.length} accounts`;
};
element('more').addEventListener('click', () => {
  accounts = [...accounts, account(accounts.length + 1)];
  show();
});
controlled.addEventListener('pica-disconnect', ({ detail }) => {
  accounts = accounts.filter(({ key }) => key !== detail.connection.key);
  show();
});
element('disable').addEventListener('click', () => {
  element('dynamic-label').disabled = true;
});

show();
recordEvent({});
