import { PicaConnectionsList } from 'pica-connect/react';
import { App } from './app';
import { Connections } from './connections';

// Render on the server for each request, like a page that depends on the signed-in user.
export const dynamic = 'force-dynamic';

export default function Page() {
  return (
    <main>
      <section id="example">
        <Connections />
      </section>
      {/* Works in a server component, as long as it passes no functions. */}
      <PicaConnectionsList id="from-server" connectionsUrl="/api/connections" />
      <App />
    </main>
  );
}
