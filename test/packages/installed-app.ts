import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A copy of a folder with a package.json, in which its dependencies and the packed pica-connect are installed. */
export class InstalledApp {
  private constructor(readonly folder: string) {}

  /** @param source the folder, relative to the root of the repository. */
  static async from(source: string): Promise<InstalledApp> {
    const folder = await mkdtemp(join(tmpdir(), 'pica-connect-packages-'));
    const app = new InstalledApp(folder);
    try {
      await cp(join(root, source), folder, { recursive: true, filter: isSource });
      // test/runner/run.ts has built the package.
      await run(
        'npm',
        ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder],
        root,
      );
      const packed = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
      // Each package.json has exact versions. A lock file would contain the hash of this package, which changes.
      const options = ['--no-audit', '--no-fund', '--prefer-offline', '--no-package-lock'];
      await app.run(
        'npm',
        'install',
        '--no-save',
        ...options,
        ...packed.map((name) => `./${name}`),
      );
    } catch (error) {
      await app.remove();
      throw error;
    }
    return app;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Runs a program in the folder, and returns its output. Rejects with the output if the program fails. */
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
    env: { ...process.env, NODE_OPTIONS: '', CI: 'true', NO_UPDATE_NOTIFIER: '1', ...toolSettings },
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

/** Turns off the tools' prompts and telemetry. */
const toolSettings = { NEXT_TELEMETRY_DISABLED: '1', NG_CLI_ANALYTICS: 'false' };
