import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import getPort from 'get-port';
import { mariadbd, wordpressFolder } from './packages.js';
import { ServerProcess } from './server-process.js';

const run = promisify(execFile);
const sources = fileURLToPath(new URL('.', import.meta.url));
const built = fileURLToPath(new URL('../../../../dist', import.meta.url));
const backend = fileURLToPath(
  new URL('../../backends/wordpress/pica-connect-backend.php', import.meta.url),
);

/** `admin` may write any HTML; what `author` writes is filtered by WordPress. Both sign in with "demo". */
export type Writer = 'admin' | 'author';

export interface Published {
  id: number;
  address: string;
  /** What WordPress has kept of what was written. */
  kept: string;
}

/** What the browser of somebody who has signed in has of them. */
export interface Session {
  cookie: string;
  /** Only pages of this site have it. */
  nonce: string;
}

/** A post or a comment, as the REST API answers it. */
interface Entry {
  id: number;
  link: string;
  /** `raw` only to those who may edit it. */
  content: { raw?: string; rendered: string };
}

/** A real WordPress with a database of its own, all in a folder that goes away with it. */
export class WordPressSite {
  #passwords = {} as Record<Writer, string>;
  readonly #servers: ServerProcess[] = [];

  private constructor(
    readonly folder: string,
    readonly origin: string,
  ) {}

  static async start(port?: number): Promise<WordPressSite> {
    const folder = await mkdtemp(join(tmpdir(), 'pica-connect-cms-'));
    const taken = port ?? (await getPort({ host: '127.0.0.1' }));
    const site = new WordPressSite(folder, `http://127.0.0.1:${taken}`);
    // Also when it ends in a way that nobody foresaw.
    process.once('exit', site.#removeFolder);
    try {
      await site.#copyWordPress();
      await site.#startDatabase();
      await site.#install();
      await site.#startServer(taken);
    } catch (error) {
      await site.close();
      throw error;
    }
    return site;
  }

  /**
   * Loads the script on every page, by a must-use plugin: such need no click in wp-admin.
   * @param settings as its PICA_CONNECT has them.
   */
  async addPlugin(settings: Record<string, string>): Promise<void> {
    const plugins = this.#path('wordpress/wp-content/mu-plugins');
    await mkdir(join(plugins, 'pica-connect'), { recursive: true });
    const files = (await readdir(built)).filter((name) => /^pica-connect\.[\w.]+$/.test(name));
    for (const name of files) await cp(join(built, name), join(plugins, 'pica-connect', name));
    await cp(join(sources, 'pica-connect.php'), join(plugins, 'pica-connect.php'));
    const pairs = Object.entries(settings).map(([name, value]) => `'${name}' => '${value}'`);
    const defined = `<?php\ndefine( 'PICA_CONNECT', array( ${pairs.join(', ')} ) );\n`;
    await writeFile(join(plugins, 'pica-connect-settings.php'), defined);
  }

  /** Installs and activates the plugin of the documentation, with settings as wp-config.php has them. */
  async addBackend(settings: Record<string, string>): Promise<void> {
    const defined = Object.entries(settings).map(
      ([name, value]) => `define('${name}', '${value}');`,
    );
    const early = this.#path('wordpress/wp-content/mu-plugins');
    await mkdir(early, { recursive: true });
    // As with WP_DEBUG, which is for development, but is found elsewhere too: errors are printed where they happen.
    const lines = ['<?php', ...defined, '$GLOBALS["wpdb"]->show_errors();', ''];
    await writeFile(join(early, 'settings.php'), lines.join('\n'));
    const folder = this.#path('wordpress/wp-content/plugins/pica-connect-backend');
    await mkdir(folder, { recursive: true });
    await cp(backend, join(folder, 'pica-connect-backend.php'));
    await cp(join(built, 'pica-connect.min.js'), join(folder, 'pica-connect.min.js'));
    await this.#post('admin', 'plugins/pica-connect-backend/pica-connect-backend', {
      status: 'active',
    });
  }

  /** Publishes a post through the REST API, as the editor does. */
  async publish(writer: Writer, title: string, content: string): Promise<Published> {
    const post = await this.#post(writer, 'posts', { title, content, status: 'publish' });
    return { id: post.id, address: post.link, kept: post.content.raw ?? '' };
  }

  /** @returns what WordPress shows of it */
  async comment(writer: Writer, { id }: Published, content: string): Promise<string> {
    return (await this.#post(writer, 'comments', { post: id, content })).content.rendered.trim();
  }

  /** Deletes the plugin of the documentation, as one does on the page of plugins. */
  async deleteBackend(): Promise<void> {
    const plugin = 'plugins/pica-connect-backend/pica-connect-backend';
    await this.#ask('PUT', 'admin', plugin, { status: 'inactive' });
    await this.#ask('DELETE', 'admin', plugin, {});
  }

  async signIn(user: Writer): Promise<Session> {
    const printed = await this.evaluate(`
      $id = get_user_by('login', '${user}')->ID;
      $end = time() + HOUR_IN_SECONDS;
      $token = WP_Session_Tokens::get_instance($id)->create($end);
      $_COOKIE[LOGGED_IN_COOKIE] = wp_generate_auth_cookie($id, $end, 'logged_in', $token);
      wp_set_current_user($id);
      echo wp_json_encode([
        'cookie' => LOGGED_IN_COOKIE . '=' . rawurlencode($_COOKIE[LOGGED_IN_COOKIE]),
        'nonce' => wp_create_nonce('wp_rest'),
      ]);`);
    return JSON.parse(printed) as Session;
  }

  /** Runs PHP within WordPress. @returns what it prints */
  async evaluate(code: string): Promise<string> {
    const load = `$_SERVER['HTTP_HOST'] = parse_url(getenv('CMS_ORIGIN'), PHP_URL_HOST); require 'wp-load.php';`;
    const { stdout } = await run('php', [...this.#php, '-r', load + code], {
      cwd: this.#path('wordpress'),
      env: { ...process.env, ...this.#environment },
    });
    return stdout;
  }

  /** What PHP has logged while it answered requests. */
  async log(): Promise<string> {
    return readFile(this.#path('php.log'), 'utf8').catch(() => '');
  }

  async close(): Promise<void> {
    for (const server of this.#servers.splice(0).reverse()) await server.end();
    process.off('exit', this.#removeFolder);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #copyWordPress(): Promise<void> {
    // Debian's configuration is left out of it: it is read from /etc, and its content lies in /var.
    // By cp, as Node takes ten times as long for three thousand files.
    await run('cp', ['-rL', wordpressFolder, this.#path('wordpress')]);
    await cp(join(sources, 'wp-config.php'), this.#path('wordpress/wp-config.php'));
    // PHP's own server does not ask WordPress for what has an extension, as Apache would.
    await writeFile(this.#path('wordpress/favicon.ico'), '');
    await mkdir(this.#path('temporary'));
  }

  /** MariaDB, at a socket in the folder, which nobody else can open: so it needs no accounts and no tables of them. */
  async #startDatabase(): Promise<void> {
    await mkdir(this.#path('database'));
    await writeFile(this.#path('create.sql'), 'CREATE DATABASE wordpress CHARACTER SET utf8mb4;\n');
    const database = new ServerProcess(
      mariadbd,
      [
        '--no-defaults',
        // It refuses to run as root unless it is told to.
        ...(process.getuid?.() === 0 ? ['--user=root'] : []),
        `--datadir=${this.#path('database')}`,
        `--socket=${this.#socket}`,
        `--tmpdir=${this.#path('temporary')}`,
        `--pid-file=${this.#path('mariadbd.pid')}`,
        `--init-file=${this.#path('create.sql')}`,
        '--skip-networking',
        '--skip-grant-tables',
        '--innodb-stats-persistent=0',
        '--innodb-flush-log-at-trx-commit=0',
        '--innodb-log-file-size=8M',
        // Neither PHP's nor WordPress' zone: what is stored must not depend on any of them.
        '--default-time-zone=-08:00',
      ],
      this.folder,
    );
    this.#servers.push(database);
    await database.until(async () => {
      const connection = createConnection(this.#socket);
      await once(connection, 'connect').finally(() => connection.destroy());
    });
  }

  async #install(): Promise<void> {
    const { stdout } = await run('php', [...this.#php, join(sources, 'install.php')], {
      cwd: this.#path('wordpress'),
      env: { ...process.env, ...this.#environment },
    });
    this.#passwords = JSON.parse(stdout) as Record<Writer, string>;
  }

  async #startServer(port: number): Promise<void> {
    const root = this.#path('wordpress');
    const server = new ServerProcess(
      'php',
      [
        ...this.#php,
        ...['-d', `error_log=${this.#path('php.log')}`],
        ...['-S', `127.0.0.1:${port}`, '-t', root],
      ],
      root,
      this.#environment,
    );
    this.#servers.push(server);
    await server.until(() => fetch(`${this.origin}/wp-includes/version.php`));
  }

  #post(writer: Writer, what: string, body: unknown): Promise<Entry> {
    return this.#ask('POST', writer, what, body);
  }

  async #ask(method: string, writer: Writer, what: string, body: unknown): Promise<Entry> {
    const response = await fetch(`${this.origin}/?rest_route=/wp/v2/${what}&context=edit`, {
      method,
      headers: {
        authorization: `Basic ${btoa(`${writer}:${this.#passwords[writer]}`)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`WordPress answered ${response.status}: ${answer}`);
    return JSON.parse(answer) as Entry;
  }

  /** It sends no mail, and writes nothing outside the folder. */
  get #php(): string[] {
    return [
      'sendmail_path=true',
      `sys_temp_dir=${this.#path('temporary')}`,
      `opcache.lockfile_path=${this.#path('temporary')}`,
      'opcache.enable_cli=1',
      'display_errors=0',
      'log_errors=1',
    ].flatMap((setting) => ['-d', setting]);
  }

  get #environment(): NodeJS.ProcessEnv {
    return { CMS_ORIGIN: this.origin, CMS_DATABASE_SOCKET: this.#socket };
  }

  get #socket(): string {
    return this.#path('mariadb.sock');
  }

  #path(name: string): string {
    return join(this.folder, name);
  }

  readonly #removeFolder = (): void => {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  };
}
