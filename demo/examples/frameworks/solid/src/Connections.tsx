import 'pica-connect';
import 'pica-connect/jsx';
import { save, tokenHeaders } from './host';

export function Connections() {
  return (
    <>
      <pica-connect-button
        token-url="/api/authkit/token"
        prop:tokenHeaders={tokenHeaders}
        selected-connection="Gmail"
        on:pica-success={(event) => event.waitUntil(save(event.detail.connection))}
      />
      <pica-connections-list connections-url="/api/connections" />
    </>
  );
}
