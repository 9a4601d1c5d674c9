import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import autocannon from 'autocannon';
import { credentialFor } from '../../demo/app/backend/signed-credential.js';
import { credentialSecret } from '../backend/credentials.js';
import { secret, startPica, vaultRow } from '../backend/pica-stand-in.js';
import { startBackendProcess, type BackendProcess } from '../backend/backend-process.js';
import { startDatabase } from '../runner/database.js';

/*
 * Measures how many requests per second one process of the backend answers. The client, the process and a PostgreSQL of
 * its own share this machine's cores.
 */
const seconds = 10;
const connections = 20;

const database = await startDatabase();
if (!database) throw new Error('PostgreSQL is required: apt-get install postgresql');
const keyOf = (user: string, index: number) => `test::gmail::${user}::${index}`;
// The vault has ten connections of Ada, and one page (100) of the latest of every other user.
const saved = new Map<string, number>();
const pica = await startPica();
pica.answers.set('/v1/vault/connections', ({ query: { identity = '' } }) => {
  const [count, latest] = identity === 'ada' ? [10, 10] : [100, saved.get(identity) ?? 0];
  const rows = Array.from({ length: count }, (_, index) =>
    vaultRow(identity, keyOf(identity, latest - 1 - index)),
  );
  return Response.json({ rows, total: count, pages: 1, page: 1 });
});
const options = {
  database: database.url,
  picaSecret: secret,
  picaApi: pica.origin,
  authkitOrigin: 'https://authkit.example',
  credentialSecrets: [credentialSecret] as string[],
  logLevel: 'warn',
} as const;
const backend = await startBackendProcess(options);
const withMetrics = await startBackendProcess({ ...options, metricsPort: 0 });

const url = `${backend.origin}/api/connections`;
const headersFor = (user: string) => {
  const credential = credentialFor('connections', user, credentialSecret, 3600);
  return { authorization: `Bearer ${credential}`, 'content-type': 'application/json' };
};
const headers = headersFor('ada');
const bodyOf = (key: string) =>
  JSON.stringify({ platform: 'gmail', connection_key: key, environment: 'test' });

try {
  for (let index = 0; index < 10; index++) {
    await fetch(url, { method: 'POST', headers, body: bodyOf(keyOf('ada', index)) });
  }
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model ?? '?'}, ` +
      `Node ${process.version}, ${database.version}, ${connections} connections, ${seconds} s each; ` +
      `load of the machine before: ${loadavg()[0]?.toFixed(1) ?? '?'}`,
  );
  await measure('/healthz', { url: `${backend.origin}/healthz` });
  await measure('GET /api/connections, 10 rows', { headers });
  await measure('POST /api/connections, new ones', {
    method: 'POST',
    // Each client is a user of its own, who saves one new key after the other.
    setupClient: (client) => {
      const user = `user-${saved.size}`;
      client.setHeaders(headersFor(user));
      const next = () => {
        const index = saved.get(user) ?? 0;
        saved.set(user, index + 1);
        client.setBody(bodyOf(keyOf(user, index)));
      };
      next();
      client.on('response', next);
    },
  });
  await measure('POST /api/connections, a repeat', {
    method: 'POST',
    headers,
    body: bodyOf(keyOf('ada', 0)),
  });
  await compareMetrics('/healthz', 10_000);
  await compareMetrics('/api/connections', 800);
} finally {
  await backend.kill();
  await withMetrics.kill();
  await pica.close();
  await database.stop();
}

async function measure(title: string, options: Partial<autocannon.Options>): Promise<void> {
  const given = { url, connections, ...options };
  await autocannon({ ...given, duration: 2 });
  const before = cpuTimeMs(backend);
  const { requests, latency, non2xx, errors } = await autocannon({ ...given, duration: seconds });
  const cpu = (cpuTimeMs(backend) - before) / requests.total;
  console.log(
    `${title}: ${Math.round(requests.average)} a second; ` +
      `${latency.p50} ms median, ${latency.p99} ms 99th percentile; ${non2xx + errors} failed; ` +
      `${cpu.toFixed(2)} ms of the process's CPU time each`,
  );
}

/** Measures what metrics add to a request. The processes take turns, so other load on the machine affects both. */
async function compareMetrics(path: string, amount: number): Promise<void> {
  const cpu = { without: 0, with: 0 };
  for (let round = 0; round < 7; round++) {
    for (const [name, process] of [
      ['without', backend],
      ['with', withMetrics],
    ] as const) {
      const before = cpuTimeMs(process);
      await autocannon({ url: process.origin + path, headers, connections, amount });
      // The first round only warms up the engine.
      if (round > 0) cpu[name] += (cpuTimeMs(process) - before) / (6 * amount);
    }
  }
  console.log(
    `GET ${path}: ${cpu.without.toFixed(4)} ms of the process's CPU time each, ` +
      `${cpu.with.toFixed(4)} ms with metrics (× ${(cpu.with / cpu.without).toFixed(2)})`,
  );
}

/** CPU time of the process in milliseconds, which does not depend on other load. Linux counts hundredths of a second. */
function cpuTimeMs({ pid }: BackendProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
