import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';

/**
 * A plugin for Vite that writes the hashes of files that have been built before into a constant, as the `integrity`
 * of a `<script>` has them.
 * @param files by the name under which the constant has them, where they are in the folder that is built into.
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
