import { Component, CUSTOM_ELEMENTS_SCHEMA, signal } from '@angular/core';
import type { Connection, PicaDisconnectEvent } from 'pica-connect';
import { Connections } from './connections';
import { tokenHeaders } from './host';

const account = (number: number): Connection => ({
  key: `live::slack::default::${number}`,
  platform: 'slack',
  environment: 'live',
  state: 'operational',
  name: `Team ${number}`,
});

@Component({
  selector: 'app-root',
  imports: [Connections],
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    <section id="example">
      <app-connections />
    </section>

    <button id="toggle" (click)="isShown.set(!isShown())">Show or hide</button>
    @if (isShown()) {
      <pica-connect-button
        id="conditional"
        token-url="/api/authkit/token"
        [tokenHeaders]="tokenHeaders"
        selected-connection="Slack"
        (pica-open)="recordEvent($event)"
        (pica-success)="recordEvent($event)"
        (pica-close)="recordEvent($event)"
      ></pica-connect-button>
    }
    <output id="events">{{ events().join(' ') }}</output>

    <button id="reverse" (click)="names.set(names().toReversed())">Reverse</button>
    <ul id="many">
      @for (name of names(); track name) {
        <li>
          <pica-connect-button token-url="/api/authkit/token" [selectedConnection]="name">
            {{ name }}
          </pica-connect-button>
        </li>
      }
    </ul>

    <button id="more" (click)="addAccount()">One more</button>
    <pica-connections-list
      id="controlled"
      [connections]="accounts()"
      [integrations]="integrations"
      (pica-disconnect)="onDisconnect($event)"
    >
      <h2 slot="heading">{{ accounts().length }} accounts</h2>
    </pica-connections-list>

    <button id="disable" (click)="isDisabled.set(true)">Disable</button>
    <pica-connect-button
      id="dynamic-label"
      token-url="/api/authkit/token"
      [disabled]="isDisabled()"
    >
      Connect {{ accounts().length }} accounts
    </pica-connect-button>
  `,
})
export class App {
  readonly tokenHeaders = tokenHeaders;
  readonly integrations = [{ platform: 'slack', name: 'Slack', category: 'Communication' }];
  readonly names = signal(['Gmail', 'Slack', 'HubSpot']);
  readonly accounts = signal([account(1), account(2)]);
  readonly isShown = signal(true);
  readonly isDisabled = signal(false);
  readonly events = signal(['ready']);

  recordEvent({ type }: Event) {
    this.events.update((before) => [...before, type]);
  }

  addAccount() {
    this.accounts.update((before) => [...before, account(before.length + 1)]);
  }

  onDisconnect(event: PicaDisconnectEvent) {
    const { key } = event.detail.connection;
    this.accounts.update((before) => before.filter((other) => other.key !== key));
  }
}
