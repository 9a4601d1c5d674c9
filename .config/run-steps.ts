import { spawnSync } from 'node:child_process';

/** Shell commands by the name of their step. A list of names stands for these steps. */
export type Steps = Record<string, string | readonly string[]>;

/** @returns the names on the command line, or `defaults` */
export const namesOfSteps = (defaults: readonly string[]): readonly string[] => {
  const named = process.argv.slice(2);
  return named.length > 0 ? named : defaults;
};

/**
 * Runs the steps that the command line names, or `defaults`, one after the other. The first one that fails ends the
 * process with its exit code.
 */
export const runSteps = (script: string, steps: Steps, defaults: readonly string[]): void => {
  const names = namesOfSteps(defaults);
  const unknown = names.filter((name) => !Object.hasOwn(steps, name));
  if (unknown.length > 0) {
    console.error(`npm run ${script} -- [${Object.keys(steps).join(' | ')}] …`);
    console.error(`There is no ${unknown.join(', ')}. Without a name: ${defaults.join(', ')}.`);
    process.exit(1);
  }
  for (const command of commandsOf(steps, names)) {
    // npm has put node_modules/.bin on the PATH.
    const { status } = spawnSync(command, { shell: true, stdio: 'inherit' });
    if (status !== 0) process.exit(status ?? 1);
  }
};

const commandsOf = (steps: Steps, names: readonly string[]): string[] =>
  names.flatMap((name) => {
    const step = steps[name] ?? [];
    return typeof step === 'string' ? step.split(' && ') : commandsOf(steps, step);
  });
