import { format, resolveConfig } from 'prettier';
import { isMissed, type Figure } from './figures.js';
import { write, type Report } from './report.js';

/** What each case is called for people who have not read how it is measured. */
const rows: { name: string; what: string; ours: string[]; others: string[] }[] = [
  {
    name: 'sizes',
    what: 'What a page downloads, in bytes (Brotli)',
    ours: ['pica-connect.min.js', 'pica-connect/button'],
    others: [
      'Material button',
      'Shoelace button',
      'Web Awesome button',
      'Pipedream, without React',
    ],
  },
  {
    name: 'buttons',
    what: '1,000 buttons, as multiples of a minimal Lit button',
    ours: ['pica-connect-button'],
    others: ['native button', 'Shoelace button', 'Web Awesome button', 'Material button'],
  },
  {
    name: 'load',
    what: 'Script work of a page with one button, as multiples of the same with a minimal Lit button',
    ours: [
      'pica-connect.min.js',
      'pica-connect/button',
      'pica-connect.min.js, a processor 4 × slower',
      'pica-connect/button, a processor 4 × slower',
    ],
    others: [],
  },
  {
    name: 'list',
    what: 'A list of 10,000, as multiples of `innerHTML` of the same rows',
    ours: ['rendered', 'one row changed', 'filtered to 1 %'],
    others: ['React 19: rendered', 'React 19: one row changed', 'React 19: filtered to 1 %'],
  },
  {
    name: 'opening',
    what: 'From the click until AuthKit can be seen, as multiples of bare AuthKit',
    ours: ['cold', 'pointer rested, preload="connect"', 'pointer rested, preload="page"'],
    others: ['a button that wraps AuthKit'],
  },
];

/** The README with the figures between its two marks. */
export async function fillReadme(readme: string, report: Report): Promise<string> {
  const [before, old, after, ...others] = readme.split(/<!-- \/?figures -->/);
  if (before === undefined || old === undefined || after === undefined || others.length > 0) {
    throw new Error('README.md has to have <!-- figures --> and <!-- /figures -->, once each.');
  }
  const figures = figuresForReaders(report);
  const filled = `${before}<!-- figures -->\n\n${figures}\n\n<!-- /figures -->${after}`;
  return format(filled, { ...(await resolveConfig('README.md')), parser: 'markdown' });
}

/** The figures that a reader looks for, as Markdown. */
function figuresForReaders({ date, machine, browser, load, cases }: Report): string {
  const lines = rows.map(({ name, what, ours, others }) => {
    const figures = cases.find((one) => one.name === name)?.figures ?? [];
    const cell = (wanted: string[]) =>
      wanted
        .map((title) => figures.find((figure) => figure.what === title))
        .map((figure, index) => {
          if (!figure) throw new Error(`results.json has no "${wanted[index]}" in ${name}.`);
          return `${figure.what}: ${written(figure)}`;
        })
        .join('<br>');
    return `| ${what} | ${cell(ours)} | ${cell(others)} |`;
  });
  return [
    '| | pica-connect | beside it |',
    '| --- | --- | --- |',
    ...lines,
    '',
    `${date}, ${machine}, ${browser.split(' ').slice(0, 2).join(' ')}; load of the machine ${load.before} before and ` +
      `${load.after} after. The middle of several rounds; the aim is in brackets where it is missed. ` +
      '[How it is measured](demo/docs/performance.md).',
  ].join('\n');
}

function written(figure: Figure): string {
  const { median, budget } = figure;
  const aim = isMissed(figure) && budget !== undefined ? ` (${write(budget, figure)})` : '';
  return `**${write(median, figure)}**${aim}`;
}
