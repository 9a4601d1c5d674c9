import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where Debian's package installs WordPress. */
export const wordpressFolder = '/usr/share/wordpress';

/** The full path, because /usr/sbin is not on every user's PATH. */
export const mariadbd = '/usr/sbin/mariadbd';

/** Debian's packages that the CMS examples need. */
export const packages = [
  ...['wordpress', 'wordpress-theme-twentytwentythree'],
  ...['php-cli', 'php-mysql', 'mariadb-server-core'],
];

/** Returns "WordPress 6.1.9, PHP 8.2.36, MariaDB 10.11.19", or undefined if something is not installed. */
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
    if (versions.some(([, match]) => match === null)) return undefined;
    return versions.map(([name, match]) => `${name} ${match?.[1]}`).join(', ');
  } catch {
    return undefined;
  }
}
