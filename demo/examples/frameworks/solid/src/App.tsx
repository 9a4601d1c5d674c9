import type { Connection, PicaDisconnectEvent } from 'pica-connect';
import { createSignal, For, Show } from 'solid-js';
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
  const [names, setNames] = createSignal(['Gmail', 'Slack', 'HubSpot']);
  const [accounts, setAccounts] = createSignal([account(1), account(2)]);
  const [isShown, setIsShown] = createSignal(true);
  const [isDisabled, setIsDisabled] = createSignal(false);
  const [events, setEvents] = createSignal(['ready']);

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

      <button id="toggle" onClick={() => setIsShown(!isShown())}>
        Show or hide
      </button>
      <Show when={isShown()}>
        <pica-connect-button
          id="conditional"
          token-url="/api/authkit/token"
          prop:tokenHeaders={tokenHeaders}
          selected-connection="Slack"
          on:pica-open={recordEvent}
          on:pica-success={recordEvent}
          on:pica-close={recordEvent}
        />
      </Show>
      <output id="events">{events().join(' ')}</output>

      <button id="reverse" onClick={() => setNames(names().toReversed())}>
        Reverse
      </button>
      <ul id="many">
        <For each={names()}>
          {(name) => (
            <li>
              <pica-connect-button token-url="/api/authkit/token" prop:selectedConnection={name}>
                {name}
              </pica-connect-button>
            </li>
          )}
        </For>
      </ul>

      <button
        id="more"
        onClick={() => setAccounts([...accounts(), account(accounts().length + 1)])}
      >
        One more
      </button>
      <pica-connections-list
        id="controlled"
        prop:connections={accounts()}
        prop:integrations={integrations}
        on:pica-disconnect={onDisconnect}
      >
        <h2 slot="heading">{accounts().length} accounts</h2>
      </pica-connections-list>

      <button id="disable" onClick={() => setIsDisabled(true)}>
        Disable
      </button>
      <pica-connect-button
        id="dynamic-label"
        token-url="/api/authkit/token"
        prop:disabled={isDisabled()}
      >
        Connect {accounts().length} accounts
      </pica-connect-button>
    </main>
  );
}
