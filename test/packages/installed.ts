import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A copy of a folder with a package.json, installed together with this package as npm packs it. */
export class Installed {
  private constructor(readonly folder: string) {}

  /** @param source the folder, from the root of the repository. */
  static async from(source: string): Promise<Installed> {
    const folder = await mkdtemp(join(tmpdir(), 'pica-connect-packages-'));
    const installed = new Installed(folder);
    try {
      await cp(join(root, source), folder, { recursive: true, filter: isSource });
      // It has been built by then, as test/runner/run.ts sees to.
      await run(
        'npm',
        ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder],
        root,
      );
      const packed = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
      // The frameworks' versions are in their package.json; a lock file would hold this package's hash.
      const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--no-package-lock'];
      await installed.run(
        'npm',
        'install',
        '--no-save',
        ...quiet,
        ...packed.map((name) => `./${name}`),
      );
    } catch (error) {
      await installed.remove();
      throw error;
    }
    return installed;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Runs a program in the folder. Rejects, with all that it printed, unless it ends well. */
  run(command: string, ...args: string[]): Promise<string> {
    return run(command, args, this.folder);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function isSource(path: string): boolean {
  return !/\/(node_modules|dist|build|\.[\w-]+)(\/|$)/.test(path.slice(root.length - 1));
}

async function run(command: string, args: string[], cwd: string): Promise<string> {
  const child = spawn(command, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', CI: 'true', NO_UPDATE_NOTIFIER: '1', ...quietTools },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${String(code)}:\n${output}`);
  }
  return output;
}

/** None of them asks anything, nor tells anybody. */
const quietTools = { NEXT_TELEMETRY_DISABLED: '1', NG_CLI_ANALYTICS: 'false' };
