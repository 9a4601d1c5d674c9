import { Component, CUSTOM_ELEMENTS_SCHEMA } from '@angular/core';
import 'pica-connect';
import { save, tokenHeaders } from './host';

@Component({
  selector: 'app-connections',
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    <pica-connect-button
      token-url="/api/authkit/token"
      [tokenHeaders]="tokenHeaders"
      selected-connection="Gmail"
      (pica-success)="$event.waitUntil(save($event.detail.connection))"
    ></pica-connect-button>
    <pica-connections-list connections-url="/api/connections"></pica-connections-list>
  `,
})
export class Connections {
  readonly tokenHeaders = tokenHeaders;
  readonly save = save;
}
