import { beginBuild, isUpToDate, siteBuild } from '../../../.config/build-records.js';

/** Builds the playground and the gallery, unless they are up to date. */
export async function buildSite(report: (progress: string) => void): Promise<void> {
  if (isUpToDate(siteBuild)) return;

  report('Building the playground and the gallery.');
  const record = beginBuild(siteBuild);
  // Imported late, because loading Vite takes longer than everything else here.
  const { buildSite: build } = await import('../site/build.js');
  await build();
  record();
}
