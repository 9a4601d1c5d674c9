import { startBackendProcess } from '../backend/backend-process.js';
import { credentialSecret, headersOf } from '../backend/credentials.js';
import { startDatabase } from '../database.js';
import { credentialFor, type Purpose } from '../../demo/backend/credential.js';
import { buildScriptTag } from '../../demo/start/script-tag.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import { Front } from './front.js';
import { pageWith } from './page.js';
import type { Random } from './random.js';

const picaSecret = 'sk_test_sandbox';

/** Headers that outlast the run: what the page asks for anew is not what is looked at here. */
const lasting = (purpose: Purpose) => ({
  authorization: `Bearer ${credentialFor(purpose, user, credentialSecret, 24 * 3600)}`,
});

/** The user whose connections they are. */
export const user = 'ada';

/** The demo's backend on PostgreSQL, the stand-ins for Pica and AuthKit, and what makes them fail. */
export class World {
  private constructor(
    readonly front: Front,
    readonly sandbox: Sandbox,
    readonly database: string,
    readonly rows: () => Promise<string[]>,
    readonly close: () => Promise<void>,
  ) {}

  static async start(random: Random, say: (text: string) => void): Promise<World> {
    const database = await startDatabase();
    if (!database) throw new Error('It takes PostgreSQL: apt-get install postgresql');
    await buildScriptTag(say);
    const sandbox = await startSandbox();
    const backend = await startBackendProcess({
      database: database.url,
      picaSecret,
      picaApi: sandbox.origin,
      authkitOrigin: sandbox.origin,
      logLevel: 'silent',
      credentialSecrets: [credentialSecret],
      // Or what the page has lost would be brought back from Pica at once; after five minutes it is all the same.
      repairPause: 24 * 3600,
    });
    const front = await Front.start(backend.origin, random);
    front.markup = pageWith(`${sandbox.origin}/authkit`, user, {
      token: lasting('token'),
      connections: lasting('connections'),
    });
    const rows = async () => {
      const response = await fetch(`${backend.origin}/api/connections`, {
        headers: headersOf(user),
      });
      const answer = (await response.json()) as { rows: { connection_key: string }[] };
      return answer.rows.map((row) => row.connection_key);
    };
    // Now, while Pica has none to be compared with.
    await rows();
    return new World(front, sandbox, database.version, rows, async () => {
      await front.close();
      await backend.kill();
      await sandbox.close();
      await database.stop();
    });
  }

  /** Has Pica's stand-in fail the next of what AuthKit's page and the backend ask it for. */
  async trouble(fault: object): Promise<void> {
    await fetch(`${this.sandbox.origin}/sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
  }

  /** From now on everything works. */
  async heal(): Promise<void> {
    this.front.isFaulty = false;
    await fetch(`${this.sandbox.origin}/sandbox/faults`, { method: 'DELETE' });
  }
}
