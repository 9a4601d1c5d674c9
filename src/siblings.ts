import { dictionary, own } from './own.js';
import { ownScript } from './own-script.js';
import { safeDocument } from './safe-document.js';
import { pageDefault } from './page-defaults.js';

/** The hashes of the files that were released with this one, by name. Written in by vite.config.ts. */
declare const SIBLING_HASHES: Record<string, string>;

/** Where a file of `src/siblings/` leaves what it has, for the script that has loaded it. */
const key = Symbol.for('pica-connect.sibling');
const scope = globalThis as unknown as Record<typeof key, unknown>;

/** Read at once: a `<base>` that comes later changes what `src` says. */
const ownAddress = ownScript?.src;

/** Siblings that are there, or on their way. */
const siblings = new Map<string, Promise<unknown>>();

/**
 * Loads one of the files of `src/siblings/` that lie beside the one-file build; rejects where there is none, or one
 * that was not released with it.
 */
export function loadSibling<Exports>(name: string): Promise<Exports> {
  let sibling = siblings.get(name);
  if (!sibling) {
    // In the same task as the file itself, so that no other can have left something in between.
    sibling = loadScript(`pica-connect.${name}.js`, own(SIBLING_HASHES, name)).then(
      () => scope[key],
    );
    siblings.set(name, sibling);
    sibling.catch(() => siblings.delete(name));
  }
  return sibling as Promise<Exports>;
}

/**
 * Runs a file that lies beside the one-file build, if it has this hash.
 *
 * By a `<script>`, as that is what every engine checks: Chromium 156 and WebKitGTK 2.50 run a changed file by
 * `import()`, whatever `modulepreload` or an import map says of its `integrity`. A page from a file has no origin
 * that could read what it checks, so there nothing is checked.
 */
export async function loadScript(name: string, integrity: string | undefined): Promise<void> {
  // An empty one would be no check at all.
  if (!integrity) throw new Error(`${name} was not released with this version.`);
  const url = new URL(name, folder());
  const script = safeDocument.createElement('script');
  if (url.protocol !== 'file:') {
    script.integrity = integrity;
    script.crossOrigin = 'anonymous';
  }
  script.nonce = ownScript?.nonce ?? '';
  script.src = trusted(url.href);
  await new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = reject;
    safeDocument.head.append(script);
  });
  script.remove();
}

/** @throws {TypeError} where this file does not know where it lies, or lies where nothing can be beside it. */
function folder(): URL {
  const configured = pageDefault('files') as string | null;
  const files = configured ?? ownScript?.getAttribute('data-files');
  return files == null
    ? new URL(ownAddress ?? '')
    : new URL(files.replace(/\/?$/, '/'), safeDocument.baseURI);
}

interface ScriptPolicy {
  createScriptURL: (url: string) => string;
}

interface PolicyFactory {
  createPolicy: (name: string, rules: ScriptPolicy) => ScriptPolicy;
}

let policy: ScriptPolicy | undefined;

/** Pages with Trusted Types take an address from a policy alone, and have to allow this one by its name. */
function trusted(url: string): string {
  const factory = own(globalThis as { trustedTypes?: PolicyFactory }, 'trustedTypes');
  const rules = dictionary<ScriptPolicy>({ createScriptURL: (given) => given });
  policy ??= factory?.createPolicy('pica-connect', rules);
  return policy ? policy.createScriptURL(url) : url;
}
