import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where Debian's package has WordPress. */
export const wordpressFolder = '/usr/share/wordpress';

/** Its folder is not on the PATH of everybody. */
export const mariadbd = '/usr/sbin/mariadbd';

/** What has to be on the machine; demo/examples/cms/README.md says how it gets there. */
export const packages = [
  ...['wordpress', 'wordpress-theme-twentytwentythree'],
  ...['php-cli', 'php-mysql', 'mariadb-server-core'],
];

/** What is installed: "WordPress 6.1.9, PHP 8.2.36, MariaDB 10.11.19"; undefined where something is missing. */
export async function installedVersions(): Promise<string | undefined> {
  try {
    const [wordpress, php, mariadb] = await Promise.all([
      readFile(`${wordpressFolder}/wp-includes/version.php`, 'utf8'),
      run('php', ['-r', 'echo extension_loaded("mysqli") ? PHP_VERSION : "";']),
      run(mariadbd, ['--no-defaults', '--version']),
      access(`${wordpressFolder}/wp-content/themes/twentytwentythree`),
    ]);
    const versions = Object.entries({
      WordPress: /\$wp_version = '([\d.]+)'/.exec(wordpress),
      PHP: /^([\d.]+)/.exec(php.stdout),
      MariaDB: /Ver ([\d.]+)/.exec(mariadb.stdout),
    });
    if (versions.some(([, found]) => found === null)) return undefined;
    return versions.map(([name, found]) => `${name} ${found?.[1]}`).join(', ');
  } catch {
    return undefined;
  }
}
