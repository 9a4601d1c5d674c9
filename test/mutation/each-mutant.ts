import { relative } from 'node:path';
import type { MutantResult } from '@stryker-mutator/api/core';
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/** Reports each mutant as soon as its result is known, because the whole run takes hours. */
const onMutantTested = ({ status, fileName, location, mutatorName, replacement }: MutantResult) => {
  if (status === 'Ignored') return;
  const { line, column } = location.start;
  const position = `${relative(process.cwd(), fileName)}:${String(line)}:${String(column)}`;
  console.log(
    `${status} ${position} ${mutatorName}: ${replacement.replace(/\s+/g, ' ').slice(0, 100)}`,
  );
};

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Reporter, 'each-mutant', { onMutantTested }),
];
