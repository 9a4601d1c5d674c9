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
    for (const [label, budget] of ours) {
      progress(label);
      figures.push({ label, unit: 'bytes' as const, ...exactly(await sizeOf(label)), budget });
    }
    for (const label of others) {
      progress(label);
      const size = exactly(await sizeOf(label));
      figures.push({ label, unit: 'bytes' as const, ...size, isPeer: true });
    }
    return figures;
  },
};
