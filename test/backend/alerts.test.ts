import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { parse } from 'yaml';
import { startBackend, type Backend } from '../../demo/app/backend/server.js';
import { credentialSecret } from './credentials.js';
import { scrape, type Scrape } from './metrics.js';
import { labelValues } from './metric-labels.js';
import { secret, startPica, type PicaStandIn } from './pica-stand-in.js';
import { ask, authkitOrigin } from './test-backend.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

interface Rule {
  alert: string;
  expr: string;
}

const page = readFileSync('demo/docs/runbook.md', 'utf8');
const { groups } = parse(readFileSync('demo/app/backend/alerts.yaml', 'utf8')) as {
  groups: { rules: Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);
const graphs = [...page.matchAll(/```promql\n([^]*?)```/g)]
  .flatMap(([, block = '']) => block.split('\n'))
  .filter((line) => line && !line.startsWith('#'));
const [, section = ''] = /^## When an alert fires\n([^]*?)^## /m.exec(page) ?? [];
/** Alert → its section of the page. */
const runbook = new Map(
  section
    .split(/^### /m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf('\n')), text]),
);

suite('graphs and alerts', () => {
  let pica: PicaStandIn;
  let database: TestDatabase;
  let backend: Backend;
  let scraped: Scrape;

  before(async () => {
    pica = await startPica();
    database = await createTestDatabase();
    backend = await startBackend({
      ...{ database: database.location, picaSecret: secret, picaApi: pica.origin, authkitOrigin },
      ...{ credentialSecrets: [credentialSecret], logLevel: 'silent', drainMs: 0, metricsPort: 0 },
    });
    await ask(backend, 'POST', '/api/authkit/token', { user: 'ada' });
    scraped = await scrape(backend);
  });
  after(async () => {
    await backend.close();
    await database.drop();
    await pica.close();
  });

  test('include eight graphs and ten alerts', () => {
    assert.equal(graphs.length, 8);
    assert.equal(rules.length, 10);
  });

  const queries = [
    ...graphs.map((query) => [query, query]),
    ...rules.map(({ alert, expr }) => [alert, expr]),
  ];
  for (const [name, query = ''] of queries) {
    test(`use metrics that exist: ${name}`, () => {
      const isPool = query.includes('_pool_');
      for (const [, metric = '', filter = ''] of query.matchAll(
        /\b(pica_connect_\w+)(?:\{(.*?)\})?/g,
      )) {
        // The embedded database has no pool.
        if (isPool && database.location === 'memory://') continue;
        const samples = scraped.samples.filter((sample) => sample.name === metric);
        assert.ok(samples.length > 0, `${metric} is not in the scrape`);
        for (const [, label = '', values = ''] of filter.matchAll(/(\w+)(?:=~|!=|=)"(.*?)"/g)) {
          assert.ok(label in (samples[0]?.labels ?? {}), `${metric} has no ${label}`);
          for (const value of values.split('|')) {
            assert.ok(labelValues[label]?.includes(value), `${label} is never ${value}`);
          }
        }
        for (const [, labels = ''] of query.matchAll(/by \((.*?)\)/g)) {
          for (const label of labels.split(', ')) {
            const isOurs = label !== 'instance';
            if (isOurs) assert.ok(label in (samples[0]?.labels ?? {}), `${metric} has no ${label}`);
          }
        }
      }
    });
  }

  for (const { alert } of rules) {
    test(`have a runbook section for ${alert}`, () => {
      assert.ok(runbook.has(alert));
    });
  }

  test('have one runbook section for each alert, and no others', () => {
    assert.deepEqual(
      [...runbook.keys()],
      rules.map(({ alert }) => alert),
    );
  });

  test('have runbook sections that quote existing log messages', () => {
    const sources = readdirSync('demo/app/backend', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join('demo/app/backend', file), 'utf8'))
      .join('\n');
    for (const [alert, text] of runbook) {
      const [, logged = ''] = /^Log: ([^]*)/m.exec(text) ?? [];
      const lines = [...logged.matchAll(/`(.*?)`/g)];
      assert.ok(lines.length > 0, alert);
      for (const [, line = ''] of lines) assert.ok(sources.includes(line), `${alert}: ${line}`);
    }
  });

  test('have a table row for each metric', () => {
    for (const name of scraped.types.keys()) {
      if (name.startsWith('pica_connect_')) assert.ok(page.includes(`| \`${name}\` `), name);
    }
  });
});
