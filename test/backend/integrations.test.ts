import assert from 'node:assert/strict';
import { after, before, beforeEach, mock, suite, test } from 'node:test';
import type { Backend } from '../../demo/app/backend/server.js';
import { connector, secret, startPica, type PicaStandIn } from './pica-stand-in.js';
import { ask, startTestBackend } from './test-backend.js';

const endpoint = '/api/integrations';
const minute = 60_000;

suite('integrations', () => {
  let pica: PicaStandIn;
  let backend: Backend;

  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    pica = await startPica();
    backend = await startTestBackend({ picaApi: pica.origin });
  });
  beforeEach(() => {
    pica.reset();
    // Let the cache of earlier tests expire.
    mock.timers.tick(60 * minute);
  });
  after(async () => {
    mock.timers.reset();
    await backend.close();
    await pica.close();
  });

  const shown = (number: number) => {
    const { platform, name, category, image } = connector(number);
    return { platform, name, category, image, description: '' };
  };

  test('of all pages are listed, with the fields that a page shows', async () => {
    const { status, json } = await ask(backend, 'GET', endpoint);
    assert.equal(status, 200);
    assert.deepEqual(json, { rows: [shown(1), shown(2), shown(3)] });
    const [first] = pica.received;
    assert.deepEqual([first?.secret, first?.query.authkit], [secret, 'true']);
  });

  test('are requested from Pica once for many clients', async () => {
    await Promise.all(Array.from({ length: 5 }, () => ask(backend, 'GET', endpoint)));
    mock.timers.tick(4 * minute);
    await ask(backend, 'GET', endpoint);
    assert.equal(pica.received.length, 3);
  });

  test('are requested again after five minutes', async () => {
    await ask(backend, 'GET', endpoint);
    pica.answers.set('/v1/available-connectors', () =>
      Response.json({ rows: [connector(9)], pages: 1 }),
    );
    mock.timers.tick(6 * minute);
    const { json } = await ask(backend, 'GET', endpoint);
    assert.deepEqual(json, { rows: [shown(9)] });
  });

  test('stay available when Pica is down, and Pica gets no requests for a while', async () => {
    await ask(backend, 'GET', endpoint);
    pica.answers.set('/v1/available-connectors', () => new Response(null, { status: 503 }));
    mock.timers.tick(6 * minute);
    for (let i = 0; i < 3; i++) {
      const { status, json } = await ask(backend, 'GET', endpoint);
      assert.equal(status, 200);
      assert.equal((json.rows as unknown[]).length, 3);
    }
    assert.equal(pica.received.length, 4);
  });

  test('are served from the cache while Pica hangs', async () => {
    await ask(backend, 'GET', endpoint);
    let release = (_: Response) => {};
    const held = new Promise<Response>((resolve) => (release = resolve));
    pica.answers.set('/v1/available-connectors', () => held);
    mock.timers.tick(6 * minute);
    const responses = Array.from({ length: 3 }, () => ask(backend, 'GET', endpoint));
    for (const { status, json } of await Promise.all(responses)) {
      assert.equal(status, 200);
      assert.deepEqual(json, { rows: [shown(1), shown(2), shown(3)] });
    }
    // All clients share one request.
    assert.equal(pica.received.length, 4);
    release(Response.json({ rows: [connector(9)], pages: 1 }));
    assert.deepEqual((await ask(backend, 'GET', endpoint)).json, { rows: [shown(9)] });
  });

  test('without a name, or switched off, are left out', async () => {
    const rows = [
      { ...connector(1), active: false },
      { ...connector(2), name: null },
      connector(3),
    ];
    pica.answers.set('/v1/available-connectors', () => Response.json({ rows, pages: 1 }));
    const { json } = await ask(backend, 'GET', endpoint);
    assert.deepEqual(json, { rows: [shown(3)] });
  });
});

suite('integrations without a cache', () => {
  let pica: PicaStandIn;
  let backend: Backend;

  before(async () => {
    pica = await startPica();
    backend = await startTestBackend({ picaApi: pica.origin });
  });
  after(async () => {
    await backend.close();
    await pica.close();
  });

  const faults: [string, string, () => Response][] = [
    ['a status of 500', 'pica-error', () => Response.json({}, { status: 500 })],
    ['a web page', 'pica-answer-invalid', () => new Response('<!doctype html>')],
    ['an object of another shape', 'pica-answer-invalid', () => Response.json({ data: [] })],
    ['a redirect', 'pica-unreachable', () => Response.redirect('http://127.0.0.1:1/', 302)],
    ['a refusal', 'pica-unauthorized', () => Response.json({}, { status: 401 })],
  ];
  for (const [what, code, answer] of faults) {
    test(`are an error with a reason if Pica answers with ${what}`, async () => {
      pica.answers.set('/v1/available-connectors', answer);
      const { status, json } = await ask(backend, 'GET', endpoint);
      assert.equal(status, 502);
      assert.equal(json.error, code);
      assert.equal(typeof json.message, 'string');
    });
  }

  test('are available once Pica is back', async () => {
    pica.answers.set('/v1/available-connectors', () => new Response(null, { status: 503 }));
    assert.equal((await ask(backend, 'GET', endpoint)).status, 502);
    pica.answers.clear();
    assert.equal((await ask(backend, 'GET', endpoint)).status, 200);
  });
});
