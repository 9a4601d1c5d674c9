import { downloadOf } from '../downloads.js';
import { exactly, type Case, type Figure } from '../figures.js';
import type { ScriptName } from '../scripts.js';

const ours: [ScriptName, initialBudget?: number, laterBudget?: number][] = [
  ['pica-connect/button', 10_752, 13_312],
  ['pica-connect/list'],
  ['pica-connect.js', 19_968, 13_312],
  ['pica-connect.min.js', 26_624],
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
    'Bytes after Brotli, at first and for an opening, with modules bundled and split by esbuild',
  async measure({ progress }) {
    const figures: Figure[] = [];
    for (const [label, initialBudget, laterBudget] of ours) {
      progress(label);
      const { initial, later } = await downloadOf(label);
      figures.push({ label, unit: 'bytes', ...exactly(initial), budget: initialBudget });
      if (later > 0) {
        const forOpening = { label: `${label}, for an opening`, unit: 'bytes' } as const;
        figures.push({ ...forOpening, ...exactly(later), budget: laterBudget });
      }
    }
    for (const label of others) {
      progress(label);
      const { initial } = await downloadOf(label);
      figures.push({ label, unit: 'bytes', ...exactly(initial), isPeer: true });
    }
    return figures;
  },
};
