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

/** `admin` may write any HTML. WordPress filters what `author` writes. Both have the password "demo". */
export type Writer = 'admin' | 'author';

export interface Published {
  id: number;
  address: string;
  /** The content as WordPress has stored it, after its filters. */
  kept: string;
}

/** What the browser of a signed-in user sends. */
export interface Session {
  cookie: string;
  /** Only pages of this site contain it. */
  nonce: string;
}

/** A post or a comment, as the REST API returns it. */
interface Entry {
  id: number;
  link: string;
  /** `raw` is there only for users who may edit the entry. */
  content: { raw?: string; rendered: string };
}

/** A real WordPress with its own database, in a temporary folder that close() deletes. */
export class WordPressSite {
  #passwords = {} as Record<Writer, string>;
  readonly #servers: ServerProcess[] = [];

  private constructor(
    readonly folder: string,
    readonly origin: string,
  ) {}

  static async start(port?: number): Promise<WordPressSite> {
    const folder = await mkdtemp(join(tmpdir(), 'pica-connect-cms-'));
    const sitePort = port ?? (await getPort({ host: '127.0.0.1' }));
    const site = new WordPressSite(folder, `http://127.0.0.1:${sitePort}`);
    // Delete the folder even if the process ends without close().
    process.once('exit', site.#removeFolder);
    try {
      await site.#copyWordPress();
      await site.#startDatabase();
      await site.#install();
      await site.#startServer(sitePort);
    } catch (error) {
      await site.close();
      throw error;
    }
    return site;
  }

  /**
   * Installs pica-connect.php as a must-use plugin, because those don't have to be activated in wp-admin.
   *
   * @param settings for its constant PICA_CONNECT
   */
  async addPlugin(settings: Record<string, string>): Promise<void> {
    const plugins = this.#path('wordpress/wp-content/mu-plugins');
    await mkdir(join(plugins, 'pica-connect'), { recursive: true });
    const files = (await readdir(built)).filter((name) => /^pica-connect\.[\w.]+$/.test(name));
    for (const name of files) await cp(join(built, name), join(plugins, 'pica-connect', name));
    await cp(join(sources, 'pica-connect.php'), join(plugins, 'pica-connect.php'));
    const pairs = Object.entries(settings).map(([name, value]) => `'${name}' => '${value}'`);
    const definition = `<?php\ndefine( 'PICA_CONNECT', array( ${pairs.join(', ')} ) );\n`;
    await writeFile(join(plugins, 'pica-connect-settings.php'), definition);
  }

  /** Installs and activates the plugin from demo/docs/backends/wordpress.md. @param settings as in wp-config.php */
  async addBackend(settings: Record<string, string>): Promise<void> {
    const definitions = Object.entries(settings).map(
      ([name, value]) => `define('${name}', '${value}');`,
    );
    const mustUse = this.#path('wordpress/wp-content/mu-plugins');
    await mkdir(mustUse, { recursive: true });
    // Print database errors into the response, as with WP_DEBUG, which some production sites leave on.
    const lines = ['<?php', ...definitions, '$GLOBALS["wpdb"]->show_errors();', ''];
    await writeFile(join(mustUse, 'settings.php'), lines.join('\n'));
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

  /** Returns the comment as WordPress shows it. */
  async comment(writer: Writer, { id }: Published, content: string): Promise<string> {
    return (await this.#post(writer, 'comments', { post: id, content })).content.rendered.trim();
  }

  /** Deactivates and deletes the plugin that addBackend() installed, like the Plugins page does. */
  async deleteBackend(): Promise<void> {
    const plugin = 'plugins/pica-connect-backend/pica-connect-backend';
    await this.#request('PUT', 'admin', plugin, { status: 'inactive' });
    await this.#request('DELETE', 'admin', plugin, {});
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

  /** Runs PHP code inside WordPress, and returns what it prints. */
  async evaluate(code: string): Promise<string> {
    const load = `$_SERVER['HTTP_HOST'] = parse_url(getenv('CMS_ORIGIN'), PHP_URL_HOST); require 'wp-load.php';`;
    const { stdout } = await run('php', [...this.#php, '-r', load + code], {
      cwd: this.#path('wordpress'),
      env: { ...process.env, ...this.#environment },
    });
    return stdout;
  }

  /** Returns what PHP has logged while it answered requests. */
  async log(): Promise<string> {
    return readFile(this.#path('php.log'), 'utf8').catch(() => '');
  }

  async close(): Promise<void> {
    for (const server of this.#servers.splice(0).reverse()) await server.end();
    process.off('exit', this.#removeFolder);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #copyWordPress(): Promise<void> {
    // Use cp, because Node takes ten times as long to copy three thousand files.
    await run('cp', ['-rL', wordpressFolder, this.#path('wordpress')]);
    // Replace Debian's configuration, which is read from /etc and has its content in /var.
    await cp(join(sources, 'wp-config.php'), this.#path('wordpress/wp-config.php'));
    // Unlike Apache, PHP's own server does not let WordPress answer for paths with an extension.
    await writeFile(this.#path('wordpress/favicon.ico'), '');
    await mkdir(this.#path('temporary'));
  }

  /** Nobody else can open MariaDB's socket in the temporary folder, so it runs without accounts. */
  async #startDatabase(): Promise<void> {
    await mkdir(this.#path('database'));
    await writeFile(this.#path('create.sql'), 'CREATE DATABASE wordpress CHARACTER SET utf8mb4;\n');
    const database = new ServerProcess(
      mariadbd,
      [
        '--no-defaults',
        // MariaDB runs as root only if told to.
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
        // Neither PHP's nor WordPress' time zone, so that tests notice if stored times depend on it.
        '--default-time-zone=-08:00',
      ],
      this.folder,
    );
    this.#servers.push(database);
    await database.waitUntil(async () => {
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
    await server.waitUntil(() => fetch(`${this.origin}/wp-includes/version.php`));
  }

  #post(writer: Writer, path: string, body: unknown): Promise<Entry> {
    return this.#request('POST', writer, path, body);
  }

  async #request(method: string, writer: Writer, path: string, body: unknown): Promise<Entry> {
    const response = await fetch(`${this.origin}/?rest_route=/wp/v2/${path}&context=edit`, {
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

  /** PHP's settings: send no mail, and write nothing outside the folder. */
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
