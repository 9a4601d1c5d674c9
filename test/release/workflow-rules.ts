import { isScalar, parseDocument, visit } from 'yaml';

/*
 * Rules for every workflow. They prevent a stranger's pull request or a dependency from pushing, publishing, or
 * changing what gets published. Each rule takes a parsed workflow and returns its problems.
 */

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

type Permissions = string | Record<string, string> | null | undefined;

interface Job {
  uses?: string;
  secrets?: unknown;
  permissions?: Permissions;
  environment?: unknown;
  steps?: Step[];
}

export interface Workflow {
  text: string;
  on: string | string[] | Record<string, unknown>;
  permissions?: Permissions;
  jobs: Record<string, Job>;
  /** Every `uses:` with its comment. */
  uses: { action: string; comment: string }[];
}

export const parseWorkflow = (text: string): Workflow => {
  const document = parseDocument(text, { strict: true });
  if (document.errors[0]) throw document.errors[0];
  const uses: Workflow['uses'] = [];
  visit(document, {
    Pair: (_, { key, value }) => {
      if (isScalar(key) && key.value === 'uses' && isScalar(value)) {
        uses.push({ action: String(value.value), comment: value.comment?.trim() ?? '' });
      }
    },
  });
  return { ...(document.toJS() as Omit<Workflow, 'text' | 'uses'>), text, uses };
};

const triggersOf = ({ on }: Workflow): string[] =>
  typeof on === 'string' ? [on] : Array.isArray(on) ? on : Object.keys(on);

const jobsOf = ({ jobs }: Workflow): (Job & { name: string; steps: Step[]; script: string })[] =>
  Object.entries(jobs).map(([name, job]) => {
    const steps = job.steps ?? [];
    return { ...job, name, steps, script: steps.flatMap(({ run }) => run ?? []).join('\n') };
  });

/** The names of all write permissions, or of a short form such as `write-all`. */
const writePermissions = (permissions: Permissions): string[] =>
  typeof permissions === 'string'
    ? [permissions].filter((all) => all !== 'read-all')
    : Object.entries(permissions ?? {})
        .filter(([, access]) => access !== 'read' && access !== 'none')
        .map(([name]) => name);

const usesAction = (steps: Step[], name: string): Step[] =>
  steps.filter(({ uses }) => uses?.startsWith(`${name}@`));

/** Commands that run this project's scripts or its dependencies. */
const projectCode =
  /\bnpm\s+(?:ci|i|install|add|update|run|run-script|exec|x|test|t|start|pack|rebuild)\b|\b(?:npx|yarn|pnpm|bun|tsx)\b|(?:^|[\s;&|(])(?:node|bash|sh|source|make|python3?)\s+[^-\s]|(?:^|\s)\.{1,2}\/\S+\.sh\b/m;

/** The only actions that a publishing job may use. It checks out no sources, so no code of the project can run. */
const publishingActions = /^actions\/(?:setup-node|download-artifact)@/;

/** Finds installation commands that could run packages' scripts, or install other versions than the lock file's. */
export const unsafeInstallation = (script: string): string[] =>
  script
    .split(/\n|&&|;|\|\|/)
    .map((command) => command.trim())
    .filter(
      (command) =>
        /\bnpm\s+(?:i|install|add|update)\b|\b(?:yarn|pnpm|bun)\b/.test(command) ||
        (/\bnpm\s+ci\b/.test(command) && !command.includes('--ignore-scripts')),
    );

export const rules: Record<string, (workflow: Workflow) => string[]> = {
  'pins every action by its hash and names its version': ({ uses }) =>
    uses
      .filter(
        ({ action, comment }) =>
          !/^\.\/\.github\/workflows\/[\w-]+\.yml$/.test(action) &&
          !(/^[\w-]+\/[\w./-]+@[0-9a-f]{40}$/.test(action) && /^v\d+\.\d+\.\d+$/.test(comment)),
      )
      .map(({ action }) => action),

  'gives strangers only read access': (workflow) => {
    const triggers = triggersOf(workflow);
    const isOpenToForks = triggers.includes('pull_request');
    const writes = jobsOf(workflow).flatMap(({ permissions }) => writePermissions(permissions));
    return [
      ...triggers.filter(
        (name) => !['push', 'pull_request', 'workflow_call', 'schedule'].includes(name),
      ),
      ...(isOpenToForks ? writes : []),
    ];
  },

  'sets the permissions of each job, and none for all jobs': (workflow) => [
    ...(workflow.permissions === undefined ? ['no permissions at the top'] : []),
    ...writePermissions(workflow.permissions),
    ...jobsOf(workflow)
      .filter(({ permissions }) => permissions == null || typeof permissions === 'string')
      .map(({ name }) => `${name}: no permissions of its own`),
  ],

  'uses no stored secrets': ({ text }) =>
    [...text.matchAll(/\bsecrets\s*[.[:]\s*\S*/g)].map(([secret]) => secret),

  'expands no expressions in scripts': (workflow) =>
    jobsOf(workflow).flatMap(({ script }) =>
      [...script.matchAll(/\$\{\{.*?\}\}/g)].map(([expression]) => expression),
    ),

  'leaves no token in a checkout': (workflow) =>
    jobsOf(workflow)
      .filter(({ steps }) =>
        usesAction(steps, 'actions/checkout').some(
          (step) => step.with?.['persist-credentials'] !== false,
        ),
      )
      .map(({ name }) => name),

  'checks out only its own commit': (workflow) =>
    jobsOf(workflow).flatMap(({ name, steps }) =>
      usesAction(steps, 'actions/checkout')
        .filter((step) => step.with?.ref !== undefined || step.with?.repository !== undefined)
        .map(() => name),
    ),

  'uses no cache that another run can fill': (workflow) =>
    jobsOf(workflow).flatMap(({ name, steps }) =>
      steps
        .filter(
          (step) =>
            step.uses?.startsWith('actions/cache') === true ||
            step.with?.cache !== undefined ||
            (usesAction([step], 'actions/setup-node').length > 0 &&
              step.with?.['package-manager-cache'] !== false),
        )
        .map(() => name),
    ),

  "installs from the lock file without running packages' scripts": (workflow) =>
    jobsOf(workflow).flatMap(({ script }) => unsafeInstallation(script)),

  'runs no project code in jobs with write permissions': (workflow) =>
    jobsOf(workflow)
      .filter(({ permissions }) => writePermissions(permissions).length > 0)
      .flatMap(({ name, uses, script }) => [
        ...(uses === undefined ? [] : [`${name}: ${uses}`]),
        ...script
          .split('\n')
          .filter((line) => projectCode.test(line))
          .map((line) => `${name}: ${line.trim()}`),
      ]),

  'requests an identity for npm only to publish one package, behind an environment': (workflow) =>
    jobsOf(workflow)
      .filter(({ permissions }) => writePermissions(permissions).includes('id-token'))
      .flatMap(({ name, environment, permissions, steps, script }) =>
        [
          environment !== 'npm' && 'no environment that requires a review',
          writePermissions(permissions).length > 1 && 'it has other write permissions, too',
          steps.some(({ uses }) => uses !== undefined && !publishingActions.test(uses)) &&
            'it uses an action other than for Node and the packed package',
          !/^npm publish [\w./*-]+\.tgz(?: --?[\w=-]+)* --ignore-scripts\n?$/.test(script) &&
            `it does more than publish: ${script}`,
          !script.includes(' --provenance ') && 'the package has no provenance',
        ].flatMap((problem) => (problem === false ? [] : [`${name}: ${problem}`])),
      ),
};

/** A workflow's problems, by rule. */
export const problemsOf = (workflow: Workflow): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(rules)
      .map(([rule, check]) => [rule, check(workflow)] as const)
      .filter(([, problems]) => problems.length > 0),
  );
