import { join } from 'node:path';
import type { BackendOptions } from '../backend/server.js';
import { StartError } from '../backend/start-error.js';
import { startSandbox, type Sandbox } from '../../sandbox/server.js';
import { freePort } from './free-port.js';
import type { Settings } from './settings.js';

/** Where the backend finds Pica, and what the page has to know of it. */
interface Pica extends Pick<
  BackendOptions,
  'picaApi' | 'picaSecret' | 'authkitOrigin' | 'pageConfig'
> {
  /** To be closed at the end, where there is one. */
  sandbox?: Sandbox;
}

/** The key that the demo's backend has when nobody gave it one. */
const demoSecret = 'sk_test_sandbox';

/**
 * The real Pica with a key; without one, stand-ins for it that need neither key nor network.
 *
 * @param pageOrigins of the demo's pages, which may put examples into the sandbox
 */
export async function startPica(
  settings: Settings,
  pageOrigins: string[],
  say: (progress: string) => void,
): Promise<Pica> {
  if (settings.picaSecret !== undefined) {
    say('PICA_SECRET_KEY is set: using the real Pica.');
    return {
      picaApi: 'https://api.picaos.com',
      picaSecret: settings.picaSecret,
      authkitOrigin: 'https://authkit.picaos.com',
      pageConfig: { sandbox: false },
    };
  }
  say('PICA_SECRET_KEY is not set: a sandbox stands in for Pica.');
  const port = await freePort('The sandbox', settings.sandboxPort, say);
  const sandbox = await startSandbox({
    port,
    secret: settings.sandboxSecret,
    trustedOrigins: pageOrigins,
    vaultFile: join(settings.dataFolder, 'sandbox-vault.json'),
  }).catch((error: unknown) => {
    throw new StartError(
      `The sandbox cannot listen at port ${String(port)} (${String(error)}). Set SANDBOX_PORT to another one.`,
    );
  });
  return {
    sandbox,
    picaApi: sandbox.origin,
    picaSecret: demoSecret,
    authkitOrigin: sandbox.origin,
    pageConfig: { sandbox: true, baseUrl: `${sandbox.origin}/authkit` },
  };
}
