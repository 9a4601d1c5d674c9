import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import getPort from 'get-port';
import { findRuntime, runtimes } from './backends.js';

export interface EarlierRow {
  user: string;
  platform: string;
  connection_key: string;
  environment: string;
  state: string;
  created_at: string;
}

/** A copy of a folder of demo/examples/backends, ready to be started. */
export class BackendFolder {
  private constructor(
    readonly name: string,
    readonly folder: string,
    readonly program: string,
  ) {}

  static async from(source: string): Promise<BackendFolder> {
    const name = basename(source);
    const found = findRuntime(name);
    if (!found) throw new Error(`${name} cannot be run here: ${runtimes[name]?.advice ?? ''}`);
    const folder = await mkdtemp(join(tmpdir(), `pica-connect-${name}-`));
    const backend = new BackendFolder(name, folder, found.program);
    try {
      await cp(source, folder, { recursive: true });
      if (runtimes[name]?.programs.includes(process.execPath)) {
        await backend.#addSharedModules();
        await backend.#run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline']);
      }
      const { build } = runtimes[name] ?? {};
      if (build) await backend.#run(found.program, build);
    } catch (error) {
      await backend.remove();
      throw error;
    }
    return backend;
  }

  /** A folder that is ready as it is, with a server.mjs. */
  static ofNode(folder: string): BackendFolder {
    return new BackendFolder('express', folder, process.execPath);
  }

  /** Starts it with these settings, and waits until it answers. */
  async start(settings: Record<string, string>): Promise<RunningBackend> {
    const port = await getPort({ host: '127.0.0.1' });
    const own = this.name === 'go' ? join(this.folder, 'backend') : this.program;
    const child = this.#spawn(
      runtimes[this.name]?.server ?? own,
      runtimes[this.name]?.start(port) ?? [],
      {
        PORT: String(port),
        ...settings,
      },
    );
    const backend = new RunningBackend(child.process, `http://127.0.0.1:${port}`, child.output);
    try {
      await backend.answers();
    } catch (error) {
      await backend.stop();
      throw error;
    }
    return backend;
  }

  /** Makes the rows that it has stored an hour older. */
  async age(): Promise<void> {
    const { stored } = runtimes[this.name] ?? {};
    if (stored) return this.#run(this.program, stored.age);
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

  /** Replaces all that it has stored by these rows, as they were before Pica was asked whose they are. */
  async storeEarlier(rows: EarlierRow[]): Promise<void> {
    const { stored } = runtimes[this.name] ?? {};
    if (!stored) return writeFile(this.#file, JSON.stringify(rows));
    await rm(this.#file);
    await this.#run(this.program, [...stored.earlier, JSON.stringify(rows)]);
  }

  /** Neither the file with the rows nor the folder that it is in can be written to until what this returns is called. */
  async allowOnlyReading(): Promise<() => Promise<void>> {
    await chmod(this.#file, 0o444);
    await chmod(this.folder, 0o555);
    return async () => {
      await chmod(this.folder, 0o755);
      await chmod(this.#file, 0o644);
    };
  }

  async breakStore(): Promise<() => Promise<void>> {
    const whole = await readFile(this.#file);
    await writeFile(this.#file, 'Neither a database nor JSON. '.repeat(100));
    return () => writeFile(this.#file, whole);
  }

  async lockStore(): Promise<(() => Promise<void>) | undefined> {
    const { stored } = runtimes[this.name] ?? {};
    if (!stored) return undefined;
    const child = spawn(this.program, stored.lock, {
      cwd: this.folder,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    if (!said.toString().includes('locked')) throw new Error(said.toString());
    return async () => {
      child.stdin.end();
      await once(child, 'close');
    };
  }

  get #file(): string {
    return this.#path(runtimes[this.name]?.stored?.file ?? 'connections.json');
  }

  #path(name: string): string {
    return join(this.folder, name);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** What the examples for Node share is copied to where their pages say. */
  async #addSharedModules(): Promise<void> {
    const place = join(this.folder, this.name === 'next' ? 'app' : '.');
    for (const module of ['connections.mjs', 'credential.mjs', 'pica.mjs']) {
      await cp(join('demo/examples/backends', module), join(place, module));
    }
  }

  async #run(program: string, args: string[]): Promise<void> {
    // The secrets are asked for where a build runs the code.
    const child = this.#spawn(program, args, {
      PICA_SECRET_KEY: 'none',
      CREDENTIAL_SECRET: 'none',
    });
    const [code] = (await once(child.process, 'close')) as [number | null];
    if (code !== 0) throw new Error(`${program} ${args.join(' ')}:\n${child.output()}`);
  }

  #spawn(program: string, args: string[], environment: Record<string, string>) {
    const [command = program, ...rest] = [...withoutPrivilege, program, ...args];
    const child = spawn(command, rest, {
      cwd: this.folder,
      // A group of its own, so that it can be ended with all that it starts.
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

/** Root may write to files that nobody may write to, unless this is taken from it. */
const withoutPrivilege =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override', '--'] : [];

export class RunningBackend {
  readonly #process: ChildProcess;

  constructor(
    process: ChildProcess,
    readonly origin: string,
    /** What it has printed. */
    readonly output: () => string,
  ) {
    this.#process = process;
  }

  /** Waits until it answers. */
  async answers(): Promise<void> {
    const end = Date.now() + 60_000;
    for (;;) {
      try {
        await fetch(this.origin);
        return;
      } catch (cause) {
        if (this.#hasEnded || Date.now() > end) {
          throw new Error(`It does not answer:\n${this.output()}`, { cause });
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
