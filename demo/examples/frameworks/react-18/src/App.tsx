import type { Connection, PicaDisconnectEvent } from 'pica-connect';
import { PicaConnectButton, PicaConnectionsList } from 'pica-connect/react';
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
        <PicaConnectButton
          id="conditional"
          tokenUrl="/api/authkit/token"
          tokenHeaders={tokenHeaders}
          selectedConnection="Slack"
          onPicaOpen={recordEvent}
          onPicaSuccess={recordEvent}
          onPicaClose={recordEvent}
        />
      )}
      <output id="events">{events.join(' ')}</output>

      <button id="reverse" onClick={() => setNames(names.toReversed())}>
        Reverse
      </button>
      <ul id="many">
        {names.map((name) => (
          <li key={name}>
            <PicaConnectButton tokenUrl="/api/authkit/token" selectedConnection={name}>
              {name}
            </PicaConnectButton>
          </li>
        ))}
      </ul>

      <button id="more" onClick={() => setAccounts([...accounts, account(accounts.length + 1)])}>
        One more
      </button>
      <PicaConnectionsList
        id="controlled"
        connections={accounts}
        integrations={integrations}
        onPicaDisconnect={onDisconnect}
      >
        <h2 slot="heading">{accounts.length} accounts</h2>
      </PicaConnectionsList>

      <button id="disable" onClick={() => setIsDisabled(true)}>
        Disable
      </button>
      <PicaConnectButton id="dynamic-label" tokenUrl="/api/authkit/token" disabled={isDisabled}>
        Connect {accounts.length} accounts
      </PicaConnectButton>
    </main>
  );
}
