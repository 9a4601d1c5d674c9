import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import autocannon from 'autocannon';
import { secret } from '../backend/pica-stand-in.js';
import { startBackendProcess } from '../backend/backend-process.js';
import { startDatabase } from '../database.js';

/*
 * How many requests one process of the backend answers in a second, on a PostgreSQL of its own on this machine.
 * What asks, the process and the database share the cores.
 */
const seconds = 10;
const connections = 20;

const database = await startDatabase();
if (!database) throw new Error('It takes PostgreSQL: apt-get install postgresql');
const backend = await startBackendProcess({
  database: database.url,
  picaSecret: secret,
  picaApi: 'http://127.0.0.1:1',
  authkitOrigin: 'https://authkit.example',
  logLevel: 'warn',
});

const url = `${backend.origin}/api/connections`;
const headers = { 'x-user-id': 'ada', 'content-type': 'application/json' };
const bodyOf = (key: string) =>
  JSON.stringify({ platform: 'gmail', connection_key: key, environment: 'test' });

try {
  for (let index = 0; index < 10; index++) {
    await fetch(url, { method: 'POST', headers, body: bodyOf(`test::gmail::${index}`) });
  }
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model ?? '?'}, ` +
      `Node ${process.version}, ${database.version}, ${connections} connections, ${seconds} s each; ` +
      `load of the machine before: ${loadavg()[0]?.toFixed(1) ?? '?'}`,
  );
  await measure('/healthz', { url: `${backend.origin}/healthz` });
  await measure('GET /api/connections, 10 rows', { headers });
  let saved = 0;
  await measure('POST /api/connections, new ones', {
    method: 'POST',
    headers: { ...headers, 'x-user-id': 'grace' },
    // Each its own key.
    setupClient: (client) => {
      const next = () => client.setBody(bodyOf(`test::gmail::saved::${saved++}`));
      next();
      client.on('response', next);
    },
  });
  await measure('POST /api/connections, a repeat', {
    method: 'POST',
    headers,
    body: bodyOf('test::gmail::0'),
  });
} finally {
  await backend.kill();
  await database.stop();
}

async function measure(what: string, options: Partial<autocannon.Options>): Promise<void> {
  const given = { url, connections, ...options };
  await autocannon({ ...given, duration: 2 });
  const before = cpuTime();
  const { requests, latency, non2xx, errors } = await autocannon({ ...given, duration: seconds });
  const cpu = (cpuTime() - before) / requests.total;
  console.log(
    `${what}: ${Math.round(requests.average)} a second; ` +
      `${latency.p50} ms in the middle, ${latency.p99} ms for 99 of 100; ${non2xx + errors} failed; ` +
      `${cpu.toFixed(2)} ms of the process's CPU time each`,
  );
}

/** Of the process, in milliseconds: what it costs however busy the machine is. Linux has it here, in hundredths of a second. */
function cpuTime(): number {
  const fields = readFileSync(`/proc/${backend.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
