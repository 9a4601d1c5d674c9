import { spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/*
 * Prints the release's bill of materials (SBOM) in CycloneDX: the package's dependencies and the packages built into
 * its files, each with the version of the lock file and the files that contain it. It is not part of the package,
 * because its serial number and time would make every build of the package differ.
 *
 * `npm sbom --omit=dev` would leave Lit out, because development tools need it too. So npm gets a manifest without
 * these tools.
 */

interface Package {
  name: string;
  version: string;
  license: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

interface Component {
  name: string;
  version: string;
  purl: string;
  properties: { name: string; value: string }[];
}

export interface BillOfMaterials {
  bomFormat: string;
  metadata: { component: Component };
  components: Component[];
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** The packages built into the files of a folder, each with those files. */
const bundledPackages = (folder: string): Map<string, string[]> => {
  const bundled = new Map<string, string[]>();
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!path.endsWith('.js.map')) continue;
    const { sources } = readJson(join(folder, path)) as { sources: string[] };
    const names = sources.flatMap(
      (source) => /.*\bnode_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? [],
    );
    for (const name of new Set(names)) {
      bundled.set(name, [...(bundled.get(name) ?? []), path.replace(/[.]map$/, '')]);
    }
  }
  return bundled;
};

const runNpm = (args: string[], cwd: string): string => {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
};

const billOfMaterials = (bundled: Map<string, string[]>): BillOfMaterials => {
  const { devDependencies = {}, ...manifest } = readJson('package.json') as Package;
  const builtIn = Object.entries(devDependencies).filter(([name]) => bundled.has(name));
  const scratch = mkdtempSync(join(tmpdir(), 'sbom-'));
  try {
    // npm takes the name from the folder.
    const folder = join(scratch, manifest.name);
    mkdirSync(folder);
    const { name, version, license } = manifest;
    const dependencies = { ...manifest.dependencies, ...Object.fromEntries(builtIn) };
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name, version, license, dependencies }),
    );
    writeFileSync(join(folder, 'package-lock.json'), readFileSync('package-lock.json'));
    // Offline, so that a package missing from the lock file is an error and not another version.
    runNpm(['install', '--package-lock-only', '--ignore-scripts', '--offline'], folder);
    const format = ['--sbom-format=cyclonedx', '--sbom-type=library'];
    // Peers such as React belong to the app that installs the package.
    const printed = runNpm(['sbom', '--package-lock-only', '--omit=peer', ...format], folder);
    return JSON.parse(printed) as BillOfMaterials;
  } finally {
    rmSync(scratch, { recursive: true });
  }
};

const bundled = bundledPackages('dist');
const bill = billOfMaterials(bundled);
for (const component of bill.components) {
  component.properties = (bundled.get(component.name) ?? []).map((file) => ({
    name: 'pica-connect:built-into',
    value: `dist/${file}`,
  }));
}
console.log(JSON.stringify(bill, null, 2));
