import { PicaConnectionsList } from 'pica-connect/react';
import { Criteria } from './criteria';
import { Connections } from './connections';

// Rendered on a server at each request, like a page that is about its user.
export const dynamic = 'force-dynamic';

export default function Page() {
  return (
    <main>
      <section id="example">
        <Connections />
      </section>
      {/* A server component may use the components as they are, as long as it hands over no function. */}
      <PicaConnectionsList id="from-server" connectionsUrl="/api/connections" />
      <Criteria />
    </main>
  );
}
