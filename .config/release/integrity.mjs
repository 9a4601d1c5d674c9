import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

/*
 * Prints the hashes of the files for script tags, for the `integrity` of a page's tag. That of the one-file build is also
 * in the README. It changes with every change, so the README in the repository has a placeholder. `npm pack` replaces it
 * (--into-readme) for the README of the package, and restores it afterwards (--out-of-readme).
 */

const placeholder = 'sha384-…';
const readme = new URL('../../README.md', import.meta.url);

const files = ['pica-connect.min.js', 'pica-connect.all.min.js', 'pica-connect.js'];

const integrity = async (file) => {
  const script = await readFile(new URL(`../../dist/${file}`, import.meta.url));
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
  for (const file of files) console.log(`dist/${file}: integrity="${await integrity(file)}"`);
  if (task === '--into-readme') await writeIntoReadme(await integrity(files[0]));
}
