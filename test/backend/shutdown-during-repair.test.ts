import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { suite, test } from 'node:test';
import { startBackendProcess } from './backend-process.js';
import { credentialSecret } from './credentials.js';
import { guard } from './hang-guard.js';
import { secret, startPica } from './pica-stand-in.js';
import { ask, authkitOrigin } from './test-backend.js';
import { createTestDatabase } from './test-database.js';

suite('shutdown during a repair', () => {
  test('lets the repair finish', async (t) => {
    const { location, drop } = await createTestDatabase();
    t.after(drop);
    const pica = await startPica();
    t.after(() => pica.close());
    const steps = new EventEmitter();
    const reached = once(steps, 'reached');
    pica.answers.set('/v1/vault/connections', async () => {
      steps.emit('reached');
      await once(steps, 'release');
      const row = { id: '1', key: 'added', platform: 'gmail', identity: 'ada' };
      return Response.json({ rows: [row], total: 1, pages: 1, page: 1 });
    });
    const backend = await startBackendProcess({
      database: location,
      picaSecret: secret,
      authkitOrigin,
      credentialSecrets: [credentialSecret],
      drainMs: 0,
      picaApi: pica.origin,
    });
    t.after(() => backend.kill());
    await ask(backend, 'GET', '/api/connections', { user: 'ada' });
    await guard('a request to Pica', reached);
    backend.terminate();
    await backend.logged(/"msg":"closing"/);
    steps.emit('release');
    await backend.ended();
    assert.match(backend.printed(), /"added":1,.*"msg":"repaired"/);
    assert.ok(backend.printed().indexOf('repaired') < backend.printed().indexOf('"ended"'));
  });
});
