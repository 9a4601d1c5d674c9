// Only a classic script has it, and only while it runs. A module reads the name as relative to itself, and
// so would a classic script, but for one of another origin without `crossorigin`.
const { src } = (document.currentScript ?? {}) as Partial<HTMLScriptElement>;

/** The address of a file that lies beside the one-file build. */
const beside = (name: string): string => (src ? new URL(name, src).href : `./${name}`);

/**
 * Loads a file that lies beside the one-file build; rejects where there is none.
 * Async, as a script at an address that has nothing beside it (blob:) makes `beside` throw.
 */
export const importBeside = async <Module>(name: string): Promise<Module> =>
  (await import(/* @vite-ignore */ beside(name))) as Module;
