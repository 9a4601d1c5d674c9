import { format, resolveConfig } from 'prettier';
import { isMissed, type Figure } from './figures.js';
import { write, type Report } from './report.js';

const listFigures = [
  '100 rows',
  '1,000 rows',
  '10,000 rows',
  'one of 10,000 rows changed',
  '10,000 rows filtered to 1 %',
];

/** Which figures the page shows, with names for people who don't know the cases. */
const rows: { name: string; label: string; ours: string[]; others: string[] }[] = [
  {
    name: 'sizes',
    label: 'Download in bytes (Brotli)',
    ours: [
      'pica-connect/button',
      'pica-connect/button, for an opening',
      'pica-connect.js',
      'pica-connect.js, for an opening',
      'pica-connect.min.js',
    ],
    others: [
      'Material button',
      'Shoelace button',
      'Web Awesome button',
      'Pipedream, without React',
    ],
  },
  {
    name: 'network',
    label: 'A first visit with 1.6 Mbit/s and 150 ms, compared with a button that wraps AuthKit',
    ours: [
      'pica-connect.js: until the button works',
      'pica-connect.min.js: until the button works',
      'pica-connect.js: until AuthKit is visible after a click at once',
      'pica-connect.min.js: until AuthKit is visible after a click at once',
    ],
    others: [],
  },
  {
    name: 'load',
    label: 'Script work while a page with one button loads, compared with a minimal Lit button',
    ours: ['pica-connect.min.js', 'pica-connect.min.js, on a 4 × slower processor'],
    others: [],
  },
  {
    name: 'settings',
    label: 'A settings page with 290 integrations, compared with static HTML',
    ours: ['pica-connect.min.js', 'pica-connect.min.js, on a 4 × slower processor'],
    others: [],
  },
  {
    name: 'buttons',
    label: 'Rendering 1,000 buttons, compared with a minimal Lit button',
    ours: ['pica-connect-button'],
    others: ['native button', 'Shoelace button', 'Web Awesome button', 'Material button'],
  },
  {
    name: 'list',
    label: 'A list in a new page, compared with `innerHTML` of five plain elements a row',
    ours: listFigures,
    others: listFigures.map((label) => `React 19: ${label}`),
  },
  {
    name: 'opening',
    label: 'From the click until AuthKit is visible, compared with AuthKit alone',
    ours: [
      'cold',
      'cold, with a name to check',
      'after a hover, preload="connect"',
      'after a hover, preload="page"',
      'cold, pica-connect.js, part not there yet',
      'cold, pica-connect.js, part there',
    ],
    others: ['a button that wraps AuthKit'],
  },
];

/** The text of README.md with the most important figures in one line. */
export async function fillReadme(readme: string, report: Report): Promise<string> {
  const button = figureOf(report, 'sizes', 'pica-connect/button');
  const opening = figureOf(report, 'sizes', 'pica-connect/button, for an opening');
  const oneFile = figureOf(report, 'sizes', 'pica-connect.min.js');
  const cold = figureOf(report, 'opening', 'cold');
  const hovered = figureOf(report, 'opening', 'after a hover, preload="connect"');
  const kilobytes = ({ median }: Figure) => `${(median / 1000).toFixed(1)} kB`;
  const line =
    `**Small and fast**: with a bundler, a page with the button downloads ${kilobytes(button)} (Brotli), and ` +
    `${kilobytes(opening)} more once somebody is about to connect an account. The one-file build with both elements is ` +
    `${kilobytes(oneFile)}. All of this includes Lit and AuthKit. After a click, AuthKit appears in ` +
    `${write(cold.median, cold)} the time that it takes without pica-connect, and in ${write(hovered.median, hovered)} ` +
    `if the pointer rested on the button first. [All figures](demo/docs/performance.md)`;
  return fill('README.md', readme, line);
}

/** The text of the page about performance with a table of the figures. */
export function fillPerformancePage(page: string, report: Report): Promise<string> {
  return fill('demo/docs/performance.md', page, tableForReaders(report));
}

/** Puts Markdown between the two marks of a page. */
async function fill(path: string, page: string, markdown: string): Promise<string> {
  const [before, old, after, ...others] = page.split(/<!-- \/?figures -->/);
  if (before === undefined || old === undefined || after === undefined || others.length > 0) {
    throw new Error(`${path} must contain <!-- figures --> and <!-- /figures -->, once each.`);
  }
  const filled = `${before}<!-- figures -->\n\n${markdown}\n\n<!-- /figures -->${after}`;
  return format(filled, { ...(await resolveConfig(path)), parser: 'markdown' });
}

function figureOf({ cases }: Report, name: string, label: string): Figure {
  const figures = cases.find((one) => one.name === name)?.figures ?? [];
  const figure = figures.find((one) => one.label === label);
  if (!figure) throw new Error(`results.json has no "${label}" in ${name}.`);
  return figure;
}

function tableForReaders(report: Report): string {
  const lines = rows.map(({ name, label, ours, others }) => {
    const cell = (wanted: string[]) =>
      wanted
        .map((title) => figureOf(report, name, title))
        .map((figure) => `${figure.label}: ${withGoal(figure)}`)
        .join('<br>');
    return `| ${label} | ${cell(ours)} | ${cell(others)} |`;
  });
  const { date, machine, browser, load } = report;
  return [
    '| measured | pica-connect | others |',
    '| --- | --- | --- |',
    ...lines,
    '',
    `Measured on ${date}: ${machine}, ${browser.split(' ').slice(0, 2).join(' ')}, load ${load.before} before and ` +
      `${load.after} after. Each figure is the median of several rounds. Parentheses contain the goals that we miss.`,
  ].join('\n');
}

function withGoal(figure: Figure): string {
  const { median, budget } = figure;
  const goal = isMissed(figure) && budget !== undefined ? ` (${write(budget, figure)})` : '';
  return `**${write(median, figure)}**${goal}`;
}
