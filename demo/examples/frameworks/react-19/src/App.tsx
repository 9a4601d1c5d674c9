import type { Connection, PicaDisconnectEvent } from 'pica-connect';
import { useState } from 'react';
import { Connections } from './Connections';
import { tokenHeaders } from './host';

const account = (number: number): Connection => ({
  key: `live::slack::default::${number}`,
  platform: 'slack',
  environment: 'live',
  state: 'operational',
  name: `Team ${number}`,
});

const integrations = [{ platform: 'slack', name: 'Slack', category: 'Communication' }];

export function App() {
  const [names, setNames] = useState(['Gmail', 'Slack', 'HubSpot']);
  const [accounts, setAccounts] = useState([account(1), account(2)]);
  const [isShown, setIsShown] = useState(true);
  const [isDisabled, setIsDisabled] = useState(false);
  const [events, setEvents] = useState(['ready']);

  const recordEvent = ({ type }: Event) => setEvents((before) => [...before, type]);
  const onDisconnect = (event: PicaDisconnectEvent) => {
    const { key } = event.detail.connection;
    setAccounts((before) => before.filter((other) => other.key !== key));
  };

  return (
    <main>
      <section id="example">
        <Connections />
      </section>

      <button id="toggle" onClick={() => setIsShown(!isShown)}>
        Show or hide
      </button>
      {isShown && (
        <pica-connect-button
          id="conditional"
          token-url="/api/authkit/token"
          tokenHeaders={tokenHeaders}
          selected-connection="Slack"
          onpica-open={recordEvent}
          onpica-success={recordEvent}
          onpica-close={recordEvent}
        />
      )}
      <output id="events">{events.join(' ')}</output>

      <button id="reverse" onClick={() => setNames(names.toReversed())}>
        Reverse
      </button>
      <ul id="many">
        {names.map((name) => (
          <li key={name}>
            <pica-connect-button tokenUrl="/api/authkit/token" selectedConnection={name}>
              {name}
            </pica-connect-button>
          </li>
        ))}
      </ul>

      <button id="more" onClick={() => setAccounts([...accounts, account(accounts.length + 1)])}>
        One more
      </button>
      <pica-connections-list
        id="controlled"
        connections={accounts}
        integrations={integrations}
        onpica-disconnect={onDisconnect}
      >
        <h2 slot="heading">{accounts.length} accounts</h2>
      </pica-connections-list>

      <button id="disable" onClick={() => setIsDisabled(true)}>
        Disable
      </button>
      <pica-connect-button id="dynamic-label" tokenUrl="/api/authkit/token" disabled={isDisabled}>
        Connect {accounts.length} accounts
      </pica-connect-button>
    </main>
  );
}
