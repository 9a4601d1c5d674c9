import { join } from 'node:path';
import type { BackendOptions } from '../backend/server.js';
import { StartError } from '../backend/start-error.js';
import { startSandbox, type Sandbox } from '../../sandbox/server.js';
import { freePort } from './free-port.js';
import type { Settings } from './settings.js';

/** The backend's options for Pica, and what the page has to know about it. */
interface Pica extends Pick<
  BackendOptions,
  'picaApi' | 'picaSecret' | 'authkitOrigin' | 'pageConfig'
> {
  /** Undefined with the real Pica. The caller closes it. */
  sandbox?: Sandbox;
}

/** The backend's key if PICA_SECRET_KEY isn't set. */
const demoSecret = 'sk_test_sandbox';

/**
 * With a key, uses the real Pica. Without one, starts the sandbox, which needs neither key nor network.
 *
 * @param pageOrigins the demo's pages, which may put examples into the sandbox
 */
export async function startPicaOrSandbox(
  settings: Settings,
  pageOrigins: string[],
  report: (progress: string) => void,
): Promise<Pica> {
  if (settings.picaSecret !== undefined) {
    report('PICA_SECRET_KEY is set: using the real Pica.');
    return {
      picaApi: 'https://api.picaos.com',
      picaSecret: settings.picaSecret,
      authkitOrigin: 'https://authkit.picaos.com',
      pageConfig: { sandbox: false },
    };
  }
  report('PICA_SECRET_KEY is not set: a sandbox stands in for Pica.');
  const port = await freePort('The sandbox', settings.sandboxPort, report);
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
