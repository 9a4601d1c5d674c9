import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';

/**
 * A Vite plugin that puts the hashes of files from an earlier build step into a constant, in the format of a
 * `<script>`'s `integrity`.
 * @param files paths in the output folder, by their names in the constant.
 */
export const hashes = (constant: string, files: Record<string, string>): Plugin => ({
  name: 'hashes',
  apply: 'build',
  config({ root = '.', build: { outDir = 'dist' } = {} }) {
    const entries = Object.entries(files).map(([name, file]) => [
      name,
      `sha256-${createHash('sha256')
        .update(readFileSync(resolve(root, outDir, file)))
        .digest('base64')}`,
    ]);
    return { define: { [constant]: JSON.stringify(Object.fromEntries(entries)) } };
  },
});
