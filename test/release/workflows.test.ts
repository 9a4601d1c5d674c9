import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseWorkflow, problemsOf, rules, unsafeInstallation } from './workflow-rules.js';

const folder = '.github/workflows';
const files = readdirSync(folder);
const read = (file: string): string => readFileSync(`${folder}/${file}`, 'utf8');

/** Returns a workflow's text with one part replaced. */
const replaceIn = (file: string, part: string | RegExp, replacement: string): string => {
  const text = read(file);
  const changed = text.replace(part, replacement);
  assert.notEqual(changed, text, `${file} has no ${String(part)}`);
  return changed;
};

describe('the workflows', () => {
  it('are those for tests and for releases', () => {
    assert.deepEqual(files.sort(), ['release.yml', 'test.yml']);
  });

  for (const file of files) {
    for (const [rule, check] of Object.entries(rules)) {
      it(`${file} ${rule}`, () => {
        assert.deepEqual(check(parseWorkflow(read(file))), []);
      });
    }
  }

  it('pin each action by the same hash everywhere', () => {
    const hashes = new Map<string, Set<string>>();
    for (const { action, comment } of files.flatMap((file) => parseWorkflow(read(file)).uses)) {
      const [name = '', hash = ''] = action.split('@');
      hashes.set(name, (hashes.get(name) ?? new Set()).add(`${hash} ${comment}`));
    }
    assert.deepEqual(
      [...hashes].filter(([, versions]) => versions.size > 1),
      [],
    );
  });

  it('let only one job publish', () => {
    const publishing = files.filter((file) => read(file).includes('id-token'));
    assert.deepEqual(publishing, ['release.yml']);
    assert.equal(read('release.yml').split('id-token: write').length, 2);
  });
});

/** Changes that would make a workflow vulnerable, by the rule that they break. */
const violations: Record<
  keyof typeof rules,
  [file: string, part: string | RegExp, replacement: string][]
> = {
  'pins every action by its hash and names its version': [
    ['test.yml', /checkout@[0-9a-f]{40} # v[\d.]+/, 'checkout@v7'],
    ['test.yml', /checkout@[0-9a-f]{40}/, 'checkout@3d3c42e'],
    ['test.yml', / # v[\d.]+/, ''],
    ['test.yml', / # v[\d.]+/, ' # the newest'],
    ['test.yml', /actions\/checkout@.*/, 'docker://node:20'],
    [
      'release.yml',
      './.github/workflows/test.yml',
      'someone/tests/.github/workflows/test.yml@main',
    ],
  ],
  'gives strangers only read access': [
    ['test.yml', 'pull_request:', 'pull_request_target:'],
    ['release.yml', 'push:\n    branches: [main]', 'workflow_run:\n    workflows: [Test]'],
    ['release.yml', 'push:\n    branches: [main]', 'issue_comment:'],
    ['release.yml', '  push:', '  pull_request:\n  push:'],
    ['test.yml', 'contents: read', 'contents: write'],
  ],
  'sets the permissions of each job, and none for all jobs': [
    ['test.yml', 'permissions: {}\n', ''],
    ['release.yml', 'permissions: {}', 'permissions: write-all'],
    ['release.yml', 'permissions: {}', 'permissions: {contents: write}'],
    ['test.yml', /    permissions:\n      contents: read\n/, ''],
    ['test.yml', /    permissions:\n      contents: read\n/, '    permissions: write-all\n'],
  ],
  'uses no stored secrets': [
    ['release.yml', '${{ github.token }}', '${{ secrets.GITHUB_TOKEN }}'],
    ['release.yml', '${{ github.token }}', "${{ secrets['NPM_TOKEN'] }}"],
    ['release.yml', '    uses: ./', '    secrets: inherit\n    uses: ./'],
  ],
  'expands no expressions in scripts': [
    ['test.yml', 'bash .ci/run', 'echo "${{ github.event.pull_request.title }}"; bash .ci/run'],
    ['test.yml', 'bash .ci/run', 'git switch ${{ github.head_ref }}; bash .ci/run'],
    ['release.yml', '"v$VERSION"', '"v${{ needs.build.outputs.version }}"'],
  ],
  'leaves no token in a checkout': [
    ['test.yml', 'persist-credentials: false', 'fetch-depth: 0'],
    ['release.yml', 'persist-credentials: false', 'persist-credentials: true'],
  ],
  'checks out only its own commit': [
    ['test.yml', '        with:', '        with:\n          ref: ${{ github.head_ref }}'],
    ['release.yml', '          fetch-depth: 0', '          repository: someone/else'],
  ],
  'uses no cache that another run can fill': [
    ['release.yml', 'package-manager-cache: false', 'cache: npm'],
    ['release.yml', '          package-manager-cache: false\n', ''],
    ['release.yml', /actions\/setup-node@/, 'actions/cache@'],
  ],
  "installs from the lock file without running packages' scripts": [
    ['release.yml', 'npm ci --ignore-scripts', 'npm ci'],
    ['release.yml', 'npm ci --ignore-scripts', 'npm install --ignore-scripts'],
    ['release.yml', 'npm publish', 'npm install --global npm && npm publish'],
  ],
  'runs no project code in jobs with write permissions': [
    [
      'release.yml',
      'git switch --create',
      'npm ci --ignore-scripts\n          git switch --create',
    ],
    ['release.yml', 'gh auth setup-git', 'npm run release -- version\n          gh auth setup-git'],
    ['release.yml', 'gh auth setup-git', 'npx changeset version'],
    ['release.yml', 'gh release create', 'node build/notes.mjs\n          gh release create'],
    ['release.yml', 'gh release create', './build/notes.sh && gh release create'],
    ['release.yml', 'permissions:\n      contents: read', 'permissions:\n      contents: write'],
  ],
  'requests an identity for npm only to publish one package, behind an environment': [
    ['release.yml', '    environment: npm\n', ''],
    ['release.yml', 'id-token: write', 'id-token: write\n      contents: write'],
    ['release.yml', '--provenance --ignore-scripts', '--provenance'],
    ['release.yml', '--provenance --ignore-scripts', '--ignore-scripts'],
    ['release.yml', 'run: npm publish ./release/*.tgz', 'run: npm publish'],
    ['release.yml', 'run: npm publish', 'run: npm run prepack && npm publish'],
    ['release.yml', 'run: npm publish', 'uses: actions/checkout@v7\n      - run: npm publish'],
    ['release.yml', '*.tgz', '*.tgz && ./release/more'],
    ['release.yml', 'contents: read', 'id-token: write'],
  ],
};

describe('the rules for workflows', () => {
  it('all have an example that they reject', () => {
    assert.deepEqual(Object.keys(violations), Object.keys(rules));
  });

  for (const [rule, changes] of Object.entries(violations)) {
    for (const [file, part, replacement] of changes) {
      const change =
        replacement.trim().replaceAll(/\s+/g, ' ') || `nothing in place of ${String(part).trim()}`;
      it(`reject one that no longer ${rule}: ${change}`, () => {
        const workflow = parseWorkflow(replaceIn(file, part, replacement));
        assert.ok(Object.keys(problemsOf(workflow)).includes(rule));
      });
    }
  }
});

describe('the installation on CI', () => {
  it("uses the lock file and doesn't run packages' scripts", () => {
    const script = readFileSync('.ci/run', 'utf8').replace(/^\s*#.*$/gm, '');
    assert.match(script, /^npm ci /m);
    assert.deepEqual(unsafeInstallation(script), []);
  });

  interface LockedPackage {
    integrity?: string;
    resolved?: string;
    inBundle?: boolean;
    link?: boolean;
    [field: string]: unknown;
  }
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };

  it('installs the dependencies of package.json', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, unknown>;
    for (const field of ['version', 'dependencies', 'devDependencies', 'peerDependencies']) {
      assert.deepEqual(packages['']?.[field], manifest[field], `npm install, for ${field}`);
    }
  });

  it('installs packages only from the registry, and checks their hashes', () => {
    const unchecked = Object.entries(packages).filter(
      ([path, { integrity, resolved, inBundle }]) =>
        path !== '' &&
        inBundle !== true &&
        !(
          integrity?.startsWith('sha512-') === true &&
          (resolved === undefined || resolved.startsWith('https://registry.npmjs.org/'))
        ),
    );
    assert.deepEqual(
      unchecked.map(([path]) => path),
      [],
    );
  });
});
