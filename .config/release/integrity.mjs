import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

/*
 * Prints the hash of the one-file build, for the `integrity` of a page's script tag. The hash changes with every change,
 * so the README in the repository has a placeholder. `npm pack` replaces it (--into-readme) for the README of the package,
 * and restores it afterwards (--out-of-readme).
 */

const placeholder = 'sha384-…';
const readme = new URL('../../README.md', import.meta.url);

const integrity = async () => {
  const script = await readFile(new URL('../../dist/pica-connect.min.js', import.meta.url));
  return `sha384-${createHash('sha384').update(script).digest('base64')}`;
};

const writeIntoReadme = async (hash) => {
  const { version } = JSON.parse(
    await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  const text = await readFile(readme, 'utf8');
  const filled = text
    .replace(/(?<=integrity=")sha384-[^"]*/, hash)
    .replace(/(?<=npm\/pica-connect@)[^/]+/, version);
  if (!filled.includes(`integrity="${hash}"`)) {
    throw new Error('README.md has no script tag with integrity="sha384-…" any more.');
  }
  await writeFile(readme, filled);
};

const [task] = process.argv.slice(2);
if (task === '--out-of-readme') {
  await writeIntoReadme(placeholder);
} else {
  const hash = await integrity();
  console.log(`dist/pica-connect.min.js: integrity="${hash}"`);
  if (task === '--into-readme') await writeIntoReadme(hash);
}
