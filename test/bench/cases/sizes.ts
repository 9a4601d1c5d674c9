import { exactly, type Case } from '../figures.js';
import { sizeOf, type ScriptName } from '../scripts.js';

const ours: [ScriptName, budget: number][] = [
  ['pica-connect.min.js', 16_384],
  ['pica-connect/button', 10_752],
];

const others: ScriptName[] = [
  'Lit alone',
  'AuthKit alone',
  'a minimal Lit button',
  'Material button',
  'Shoelace button',
  'Web Awesome button',
  'Pipedream, without React',
];

export const sizes: Case = {
  name: 'sizes',
  title: 'What a page downloads',
  against:
    'Bytes after Brotli, with modules bundled by esbuild and without parts that are loaded later',
  async measure({ progress }) {
    const figures = [];
    for (const [what, budget] of ours) {
      progress(what);
      figures.push({ what, unit: 'bytes' as const, ...exactly(await sizeOf(what)), budget });
    }
    for (const what of others) {
      progress(what);
      const size = exactly(await sizeOf(what));
      figures.push({ what, unit: 'bytes' as const, ...size, isPeer: true });
    }
    return figures;
  },
};
