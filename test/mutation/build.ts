import { build } from 'vite';

/* In Stryker's copy of the project: the one file, of the sources that are mutated, for tests that load it. */

for (const mode of ['production', 'script-tag-chunks', 'script-tag']) {
  await build({ mode, logLevel: 'error' });
}
