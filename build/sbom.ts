import { spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/*
 * Prints the release's bill of materials (SBOM) in CycloneDX: what the package asks its installer for, and what
 * is built into its files, each in the version of the lock file and with the files that contain it. Not part of
 * the package: its serial number and time would make every packing differ.
 *
 * Not `npm sbom --omit=dev`, which leaves Lit out, because tools of ours need it as well. npm is given a manifest
 * without these tools instead.
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

/** The packages that are built into the files of a folder, each with these files. */
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
    // Offline: what the lock file does not have is an error, not another version.
    runNpm(['install', '--package-lock-only', '--ignore-scripts', '--offline'], folder);
    const format = ['--sbom-format=cyclonedx', '--sbom-type=library'];
    // Peers, such as React, are the installer's own.
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
