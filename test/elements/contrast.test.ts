import { expect } from '@open-wc/testing';
import { rowStates } from '../../src/connections-list/row-states.js';
import { mountButton, mountList, part, stage } from '../fixtures/elements.js';
import { connection } from '../fixtures/list.js';

/*
 * Checks the theme's colors against each other with WCAG 2.2's contrast ratio. The browser reads them from the
 * elements' style sheets, so changed colors are tested too.
 */

type Color = readonly [red: number, green: number, blue: number];

const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });

/** A CSS color as sRGB. Drawing it converts any notation: engines keep `oklab()` for colors mixed in it. */
const pixelOf = (color: string): Color => {
  if (!context) throw new Error('There is no canvas');
  context.fillStyle = '#010203';
  context.fillStyle = color;
  context.clearRect(0, 0, 1, 1);
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha] = context.getImageData(0, 0, 1, 1).data;
  if (alpha !== 255) throw new Error(`${color} lets shine through what is behind it`);
  return [red, green, blue];
};

/** Resolves a declared value, such as `var(--accent)`, in this shadow tree. */
const resolve = (host: Element, value: string): Color => {
  const probe = document.createElement('span');
  // An invalid value would silently inherit, so this throws instead.
  probe.style.setProperty('background', value);
  if (!probe.style.background) throw new Error(`${value} is no color`);
  host.shadowRoot?.append(probe);
  const { backgroundColor } = getComputedStyle(probe);
  probe.remove();
  return pixelOf(backgroundColor);
};

/** The value that the style sheets declare for exactly this selector, such as `[part='button']:hover`. */
const declared = (host: Element, selector: string, property: string): string => {
  const rules = [...(host.shadowRoot?.adoptedStyleSheets ?? [])].flatMap(({ cssRules }) => [
    ...cssRules,
  ]);
  const normalizeQuotes = (text: string) => text.replaceAll('"', "'");
  const found = rules
    .filter((rule) => rule instanceof CSSStyleRule)
    .filter(({ selectorText }) => normalizeQuotes(selectorText).split(', ').includes(selector))
    .map(({ style }) => style.getPropertyValue(property))
    .filter(Boolean)
    .at(-1);
  if (!found) throw new Error(`There is no ${property} for ${selector}`);
  return found;
};

const luminance = (color: Color): number => {
  const [red = 0, green = 0, blue = 0] = color.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const contrast = (first: Color, second: Color): number => {
  const [light = 0, dark = 0] = [luminance(first), luminance(second)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

/** The minimum ratio of text (1.4.3), and of icons and borders (1.4.11). */
const minRatio = { text: 4.5, sign: 3 };

const expectContrast = (
  host: Element,
  first: string,
  second: string,
  kind: keyof typeof minRatio,
) => {
  const ratio = contrast(resolve(host, first), resolve(host, second));
  expect(ratio, `${first} on ${second}`).to.be.at.least(minRatio[kind]);
};

it('contrast ratios are calculated as in WCAG', () => {
  expect(contrast([0, 0, 0], [255, 255, 255])).to.equal(21);
  expect(contrast(pixelOf('#777'), pixelOf('#fff'))).to.be.closeTo(4.48, 0.005);
  expect(contrast(pixelOf('#767676'), pixelOf('white'))).to.be.closeTo(4.54, 0.005);
});

for (const scheme of ['light', 'dark']) {
  describe(`there is enough contrast in the ${scheme} color scheme`, () => {
    beforeEach(() => {
      stage.style.cssText = `color-scheme: ${scheme}; background: Canvas; color: CanvasText`;
    });
    afterEach(() => stage.removeAttribute('style'));

    const surface = 'var(--surface)';
    for (const name of ['text', 'muted', 'danger', 'warning', 'success']) {
      it(`between ${name} and the background of rows`, async () => {
        expectContrast(await mountList(), `var(--${name})`, surface, 'text');
      });
    }

    it('between text outside the rows and the page', async () => {
      const list = await mountList();
      for (const name of ['text', 'muted']) {
        expectContrast(list, `var(--${name})`, 'Canvas', 'text');
      }
      expectContrast(await mountButton(), 'var(--danger)', 'Canvas', 'text');
    });

    for (const selector of [`[part='button']`, '.quiet']) {
      for (const state of ['', ':hover', ':active']) {
        it(`between the label and the button for ${selector}${state}`, async () => {
          const button = await mountButton();
          const fill = declared(button, selector, '--fill');
          const background = declared(button, `[part='button']${state}`, 'background');
          const color = declared(button, selector, 'color');
          expectContrast(button, color, background.replace('var(--fill)', fill), 'text');
        });
      }
    }

    it('between the button and the page', async () => {
      const button = await mountButton();
      expectContrast(button, declared(button, `[part='button']`, '--fill'), 'Canvas', 'sign');
      // The quiet button's border has the color of its label.
      expectContrast(button, declared(button, '.quiet', 'color'), 'Canvas', 'sign');
    });

    it('between the labels of a row’s buttons and their hover background', async () => {
      const list = await mountList();
      const hovered = declared(list, 'button:hover', 'background');
      const confirm = declared(list, `[data-action='confirm']`, 'color');
      for (const color of ['var(--text)', confirm]) expectContrast(list, color, hovered, 'text');
    });

    it('between a monogram and its background', async () => {
      const list = await mountList({ connections: [connection()] });
      const { color } = getComputedStyle(part(list, 'logo'));
      expectContrast(list, color, declared(list, `[part='logo']`, 'background'), 'text');
    });

    it('between the icon of a state and its background', async () => {
      const list = await mountList();
      for (const [, , icon] of Object.values(rowStates)) {
        const isMuted = icon === 'question' || icon === 'dots';
        const color = declared(list, `${isMuted ? '' : `.${icon} `}[part='state']`, 'color');
        expectContrast(list, color, surface, 'text');
      }
    });

    it('between the border of a field and the colors around it', async () => {
      const connections = ['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((key) =>
        connection({ key }),
      );
      const list = await mountList({ connections });
      const field = part(list, 'search').querySelector('input') ?? list;
      const { borderTopColor } = getComputedStyle(field);
      for (const around of [surface, 'Canvas']) {
        expectContrast(list, borderTopColor, around, 'sign');
      }
    });

    it('between the focus ring and the colors around it', async () => {
      const ring = 'var(--accent)';
      expectContrast(await mountButton(), ring, 'Canvas', 'sign');
      const list = await mountList();
      for (const around of [surface, 'Canvas']) expectContrast(list, ring, around, 'sign');
    });
  });
}
