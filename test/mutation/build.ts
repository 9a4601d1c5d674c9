import { build } from 'vite';

/* Builds the one-file build from the mutated sources, for tests that load it. Runs in Stryker's copy of the project. */

for (const mode of ['production', 'script-tag-chunks', 'script-tag']) {
  await build({ mode, logLevel: 'error' });
}
