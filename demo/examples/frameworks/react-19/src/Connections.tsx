import 'pica-connect';
import 'pica-connect/jsx';
import { save, tokenHeaders } from './host';

export function Connections() {
  return (
    <>
      <pica-connect-button
        tokenUrl="/api/authkit/token"
        tokenHeaders={tokenHeaders}
        selectedConnection="Gmail"
        onpica-success={(event) => event.waitUntil(save(event.detail.connection))}
      />
      <pica-connections-list connectionsUrl="/api/connections" />
    </>
  );
}
