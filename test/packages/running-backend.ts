import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import getPort from 'get-port';
import { findRuntime, runtimes } from './backend-runtimes.js';

export interface EarlierRow {
  user: string;
  platform: string;
  connection_key: string;
  environment: string;
  state: string;
  created_at: string;
}

/** A copy of a folder of demo/examples/backends, which is built and can be started. */
export class BackendFolder {
  private constructor(
    readonly name: string,
    readonly folder: string,
    readonly program: string,
  ) {}

  static async from(source: string): Promise<BackendFolder> {
    const name = basename(source);
    const runtime = findRuntime(name);
    if (!runtime) throw new Error(`${name} can't run here: ${runtimes[name]?.advice ?? ''}`);
    const folder = await mkdtemp(join(tmpdir(), `pica-connect-${name}-`));
    const backend = new BackendFolder(name, folder, runtime.program);
    try {
      await cp(source, folder, { recursive: true });
      if (runtimes[name]?.programs.includes(process.execPath)) {
        await backend.#addSharedModules();
        await backend.#run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline']);
      }
      const { buildArgs } = runtimes[name] ?? {};
      if (buildArgs) await backend.#run(runtime.program, buildArgs);
    } catch (error) {
      await backend.remove();
      throw error;
    }
    return backend;
  }

  /** Uses an existing folder with a server.mjs. */
  static ofNode(folder: string): BackendFolder {
    return new BackendFolder('express', folder, process.execPath);
  }

  /** Starts the backend with these settings, and waits until it is reachable. */
  async start(settings: Record<string, string>): Promise<RunningBackend> {
    const port = await getPort({ host: '127.0.0.1' });
    const program = this.name === 'go' ? join(this.folder, 'backend') : this.program;
    const child = this.#spawn(
      runtimes[this.name]?.server ?? program,
      runtimes[this.name]?.startArgs(port) ?? [],
      {
        PORT: String(port),
        ...settings,
      },
    );
    const backend = new RunningBackend(child.process, `http://127.0.0.1:${port}`, child.output);
    try {
      await backend.waitUntilReachable();
    } catch (error) {
      await backend.stop();
      throw error;
    }
    return backend;
  }

  /** Makes all stored rows an hour older. */
  async ageRows(): Promise<void> {
    const { store } = runtimes[this.name] ?? {};
    if (store) return this.#run(this.program, store.ageArgs);
    const rows = JSON.parse(await readFile(this.#file, 'utf8')) as {
      created_at: string;
      unlisted_since?: string | null;
    }[];
    const earlier = (time: string) => new Date(Date.parse(time) - 3_600_000).toISOString();
    const aged = rows.map((row) => ({
      ...row,
      created_at: earlier(row.created_at),
      ...(row.unlisted_since && { unlisted_since: earlier(row.unlisted_since) }),
    }));
    await writeFile(this.#file, JSON.stringify(aged));
  }

  /** Replaces the store by one of the earlier version, which didn't look connections up at Pica. */
  async storeEarlierRows(rows: EarlierRow[]): Promise<void> {
    const { store } = runtimes[this.name] ?? {};
    if (!store) return writeFile(this.#file, JSON.stringify(rows));
    await rm(this.#file);
    await this.#run(this.program, [...store.earlierArgs, JSON.stringify(rows)]);
  }

  /** Makes the store's file and folder read-only. @returns a function that makes them writable */
  async makeStoreReadOnly(): Promise<() => Promise<void>> {
    await chmod(this.#file, 0o444);
    await chmod(this.folder, 0o555);
    return async () => {
      await chmod(this.folder, 0o755);
      await chmod(this.#file, 0o644);
    };
  }

  async corruptStore(): Promise<() => Promise<void>> {
    const contents = await readFile(this.#file);
    await writeFile(this.#file, 'Neither a database nor JSON. '.repeat(100));
    return () => writeFile(this.#file, contents);
  }

  async lockStore(): Promise<(() => Promise<void>) | undefined> {
    const { store } = runtimes[this.name] ?? {};
    if (!store) return undefined;
    const child = spawn(this.program, store.lockArgs, {
      cwd: this.folder,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [output] = (await once(child.stdout, 'data')) as [Buffer];
    if (!output.toString().includes('locked')) throw new Error(output.toString());
    return async () => {
      child.stdin.end();
      await once(child, 'close');
    };
  }

  get #file(): string {
    return this.#path(runtimes[this.name]?.store?.file ?? 'connections.json');
  }

  #path(name: string): string {
    return join(this.folder, name);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Copies the modules that all Node examples share to where their pages in the docs say. */
  async #addSharedModules(): Promise<void> {
    const target = join(this.folder, this.name === 'next' ? 'app' : '.');
    for (const module of ['connections.mjs', 'credential.mjs', 'pica.mjs']) {
      await cp(join('demo/examples/backends', module), join(target, module));
    }
  }

  async #run(program: string, args: string[]): Promise<void> {
    // Some builds run the code, which requires the secrets.
    const child = this.#spawn(program, args, {
      PICA_SECRET_KEY: 'none',
      CREDENTIAL_SECRET: 'none',
    });
    const [code] = (await once(child.process, 'close')) as [number | null];
    if (code !== 0) throw new Error(`${program} ${args.join(' ')}:\n${child.output()}`);
  }

  #spawn(program: string, args: string[], environment: Record<string, string>) {
    const [command = program, ...rest] = [...withoutWriteOverride, program, ...args];
    const child = spawn(command, rest, {
      cwd: this.folder,
      // Its own process group can be terminated together with its children.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        NEXT_TELEMETRY_DISABLED: '1',
        APP_ENV: 'production',
        ...runtimes[this.name]?.environment?.(this.folder),
        ...environment,
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    return { process: child, output: () => output };
  }
}

/** Without this, root could write to read-only files. */
const withoutWriteOverride =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override', '--'] : [];

export class RunningBackend {
  readonly #process: ChildProcess;

  constructor(
    process: ChildProcess,
    readonly origin: string,
    /** Everything that it has printed. */
    readonly output: () => string,
  ) {
    this.#process = process;
  }

  async waitUntilReachable(): Promise<void> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      try {
        await fetch(this.origin);
        return;
      } catch (cause) {
        if (this.#hasEnded || Date.now() > deadline) {
          throw new Error(`The backend does not respond:\n${this.output()}`, { cause });
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async stop(): Promise<void> {
    if (this.#hasEnded || this.#process.pid === undefined) return;
    const ended = once(this.#process, 'close');
    process.kill(-this.#process.pid, 'SIGTERM');
    await ended;
  }

  get #hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }
}
