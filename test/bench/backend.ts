import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import autocannon from 'autocannon';
import { credentialFor } from '../../demo/app/backend/signed-credential.js';
import { credentialSecret } from '../backend/credentials.js';
import { secret, startPica, vaultRow } from '../backend/pica-stand-in.js';
import { startBackendProcess, type BackendProcess } from '../backend/backend-process.js';
import { startDatabase } from '../runner/database.js';

/*
 * How many requests one process of the backend answers in a second, on a PostgreSQL of its own on this machine.
 * What asks, the process and the database share the cores.
 */
const seconds = 10;
const connections = 20;

const database = await startDatabase();
if (!database) throw new Error('It takes PostgreSQL: apt-get install postgresql');
const keyOf = (user: string, index: number) => `test::gmail::${user}::${index}`;
// Its vault has Ada's ten, and the latest of everybody else's: as many as one page has.
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
    // Each its own user, of whom one key at a time is looked up, and its own keys.
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

async function measure(what: string, options: Partial<autocannon.Options>): Promise<void> {
  const given = { url, connections, ...options };
  await autocannon({ ...given, duration: 2 });
  const before = cpuTime(backend);
  const { requests, latency, non2xx, errors } = await autocannon({ ...given, duration: seconds });
  const cpu = (cpuTime(backend) - before) / requests.total;
  console.log(
    `${what}: ${Math.round(requests.average)} a second; ` +
      `${latency.p50} ms in the middle, ${latency.p99} ms for 99 of 100; ${non2xx + errors} failed; ` +
      `${cpu.toFixed(2)} ms of the process's CPU time each`,
  );
}

/** What metrics add to a request. The processes take turns, so whatever else the machine does concerns both. */
async function compareMetrics(path: string, amount: number): Promise<void> {
  const cpu = { without: 0, with: 0 };
  for (let round = 0; round < 7; round++) {
    for (const [name, process] of [
      ['without', backend],
      ['with', withMetrics],
    ] as const) {
      const before = cpuTime(process);
      await autocannon({ url: process.origin + path, headers, connections, amount });
      // The first one compiles the code.
      if (round > 0) cpu[name] += (cpuTime(process) - before) / (6 * amount);
    }
  }
  console.log(
    `GET ${path}: ${cpu.without.toFixed(4)} ms of the process's CPU time each, ` +
      `${cpu.with.toFixed(4)} ms with metrics (× ${(cpu.with / cpu.without).toFixed(2)})`,
  );
}

/** Of the process, in milliseconds: what it costs however busy the machine is. Linux has it here, in hundredths of a second. */
function cpuTime({ pid }: BackendProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
