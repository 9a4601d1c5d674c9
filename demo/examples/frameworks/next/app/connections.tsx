'use client';
import { PicaConnectButton, PicaConnectionsList } from 'pica-connect/react';
import { save, tokenHeaders } from './host';

export function Connections() {
  return (
    <>
      <PicaConnectButton
        tokenUrl="/api/authkit/token"
        tokenHeaders={tokenHeaders}
        selectedConnection="Gmail"
        onPicaSuccess={(event) => event.waitUntil(save(event.detail.connection))}
      />
      <PicaConnectionsList connectionsUrl="/api/connections" />
    </>
  );
}
