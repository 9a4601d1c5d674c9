import { dictionary, own } from '../hardening/prototype-pollution.js';
import { ownScript } from './own-script.js';
import { baseAddress, safeDocument } from '../hardening/safe-document.js';
import { pageDefault } from '../connect/page-defaults.js';

/** The hashes of the chunks released with this file, by name. Inserted by vite.config.ts. */
declare const CHUNK_HASHES: Record<string, string>;

/** The global property that a file of `src/script-tag/chunks/` assigns its exports to, for the script that loads it. */
const key = Symbol.for('pica-connect.chunk');
const scope = globalThis as unknown as Record<typeof key, unknown>;

/** Not the property `src`, which any `<base>` changes. */
const ownAddress = ownScript?.getAttribute('src');

/** Chunks that are loaded or loading, by name. */
const chunks = new Map<string, Promise<unknown>>();

/**
 * Loads a file of `src/script-tag/chunks/` from the folder of the one-file build. Rejects if the file is missing or was
 * not released with this build.
 */
export function loadChunk<Exports>(name: string): Promise<Exports> {
  let chunk = chunks.get(name);
  if (!chunk) {
    // Read the exports in the task that ran the file, before another file can replace them.
    chunk = loadScript(`pica-connect.${name}.js`, own(CHUNK_HASHES, name)).then(() => scope[key]);
    chunks.set(name, chunk);
    chunk.catch(() => chunks.delete(name));
  }
  return chunk as Promise<Exports>;
}

/**
 * Runs a file from the folder of the one-file build, if it has this hash.
 *
 * It uses a `<script>`, because every engine checks its `integrity`. With `import()`, Chromium 156 and WebKitGTK 2.50
 * run a changed file despite the `integrity` of `modulepreload` or an import map. Nothing is checked on pages from
 * `file:`, because they may not read the file's contents.
 */
export async function loadScript(name: string, integrity: string | undefined): Promise<void> {
  // A browser does not check an empty `integrity`.
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

/** @throws {TypeError} if this script's address is unknown. */
function folder(): URL {
  const configured = pageDefault('files') as string | null;
  const files = configured ?? ownScript?.getAttribute('data-files');
  if (files != null) return new URL(files.replace(/\/?$/, '/'), baseAddress());
  if (ownAddress == null) throw new TypeError('This script has no address.');
  return new URL(ownAddress, baseAddress());
}

interface ScriptPolicy {
  createScriptURL: (url: string) => string;
}

interface PolicyFactory {
  createPolicy: (name: string, rules: ScriptPolicy) => ScriptPolicy;
}

let policy: ScriptPolicy | undefined;

/** Pages with Trusted Types accept script URLs only from a policy, and have to allow this one by name. */
function trusted(url: string): string {
  const factory = own(globalThis as { trustedTypes?: PolicyFactory }, 'trustedTypes');
  const rules = dictionary<ScriptPolicy>({ createScriptURL: (given) => given });
  policy ??= factory?.createPolicy('pica-connect', rules);
  return policy ? policy.createScriptURL(url) : url;
}
