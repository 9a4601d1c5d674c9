import { expect } from '@open-wc/testing';
import { rowStates } from '../../src/connections-list/row-states.js';
import { mountButton, mountList, part, stage } from '../fixtures/elements.js';
import { connection } from '../fixtures/list.js';

/*
 * The theme's own colors against each other, as WCAG 2.2 counts contrast. They are read from the elements'
 * style sheets by the browser, so that a color that is changed there is another one here.
 */

type Color = readonly [red: number, green: number, blue: number];

const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });

/** As a pixel has it, whatever notation the browser answers: engines keep `oklab()` where it was mixed in it. */
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

/** What a declared value, such as `var(--accent)`, is in this shadow tree. */
const resolve = (host: Element, value: string): Color => {
  const probe = document.createElement('span');
  // Not what it would inherit where it is none.
  probe.style.setProperty('background', value);
  if (!probe.style.background) throw new Error(`${value} is no color`);
  host.shadowRoot?.append(probe);
  const { backgroundColor } = getComputedStyle(probe);
  probe.remove();
  return pixelOf(backgroundColor);
};

/** What the style sheets give to whatever is selected by this, as `[part='button']:hover`. */
const declared = (host: Element, selector: string, property: string): string => {
  const rules = [...(host.shadowRoot?.adoptedStyleSheets ?? [])].flatMap(({ cssRules }) => [
    ...cssRules,
  ]);
  const plain = (text: string) => text.replaceAll('"', "'");
  const found = rules
    .filter((rule) => rule instanceof CSSStyleRule)
    .filter(({ selectorText }) => plain(selectorText).split(', ').includes(selector))
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

const contrast = (one: Color, other: Color): number => {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

/** What text needs (1.4.3), and what only has to be seen (1.4.11). */
const needed = { text: 4.5, sign: 3 };

const expectContrast = (host: Element, one: string, other: string, kind: keyof typeof needed) => {
  const ratio = contrast(resolve(host, one), resolve(host, other));
  expect(ratio, `${one} on ${other}`).to.be.at.least(needed[kind]);
};

it('contrast is counted as WCAG counts it', () => {
  expect(contrast([0, 0, 0], [255, 255, 255])).to.equal(21);
  expect(contrast(pixelOf('#777'), pixelOf('#fff'))).to.be.closeTo(4.48, 0.005);
  expect(contrast(pixelOf('#767676'), pixelOf('white'))).to.be.closeTo(4.54, 0.005);
});

for (const scheme of ['light', 'dark']) {
  describe(`there is enough contrast in ${scheme}`, () => {
    beforeEach(() => {
      stage.style.cssText = `color-scheme: ${scheme}; background: Canvas; color: CanvasText`;
    });
    afterEach(() => stage.removeAttribute('style'));

    const surface = 'var(--surface)';
    for (const name of ['text', 'muted', 'danger', 'warning', 'success']) {
      it(`between ${name} and what is behind the rows`, async () => {
        expectContrast(await mountList(), `var(--${name})`, surface, 'text');
      });
    }

    it('between what is said outside of the rows and the page', async () => {
      const list = await mountList();
      for (const name of ['text', 'muted']) {
        expectContrast(list, `var(--${name})`, 'Canvas', 'text');
      }
      expectContrast(await mountButton(), 'var(--danger)', 'Canvas', 'text');
    });

    for (const look of [`[part='button']`, '.quiet']) {
      for (const state of ['', ':hover', ':active']) {
        it(`between the label and the button, ${look}${state}`, async () => {
          const button = await mountButton();
          const fill = declared(button, look, '--fill');
          const background = declared(button, `[part='button']${state}`, 'background');
          const color = declared(button, look, 'color');
          expectContrast(button, color, background.replace('var(--fill)', fill), 'text');
        });
      }
    }

    it('between the button and the page', async () => {
      const button = await mountButton();
      expectContrast(button, declared(button, `[part='button']`, '--fill'), 'Canvas', 'sign');
      // The quiet one has a frame of its label's color.
      expectContrast(button, declared(button, '.quiet', 'color'), 'Canvas', 'sign');
    });

    it("between the words on a row's buttons and those buttons under the pointer", async () => {
      const list = await mountList();
      const hovered = declared(list, 'button:hover', 'background');
      const confirm = declared(list, `[data-action='confirm']`, 'color');
      for (const color of ['var(--text)', confirm]) expectContrast(list, color, hovered, 'text');
    });

    it('between a monogram and what is behind it', async () => {
      const list = await mountList({ connections: [connection()] });
      const { color } = getComputedStyle(part(list, 'logo'));
      expectContrast(list, color, declared(list, `[part='logo']`, 'background'), 'text');
    });

    it('between the sign of a state and what is behind it', async () => {
      const list = await mountList();
      for (const [, , icon] of Object.values(rowStates)) {
        const isMuted = icon === 'question' || icon === 'dots';
        const color = declared(list, `${isMuted ? '' : `.${icon} `}[part='state']`, 'color');
        expectContrast(list, color, surface, 'text');
      }
    });

    it('between the frame of a field and what is around it', async () => {
      const connections = ['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((key) =>
        connection({ key }),
      );
      const list = await mountList({ connections });
      const field = part(list, 'search').querySelector('input') ?? list;
      const { borderTopColor } = getComputedStyle(field);
      for (const other of [surface, 'Canvas']) {
        expectContrast(list, borderTopColor, other, 'sign');
      }
    });

    it('between the ring of the focus and what is around it', async () => {
      const ring = 'var(--accent)';
      expectContrast(await mountButton(), ring, 'Canvas', 'sign');
      const list = await mountList();
      for (const other of [surface, 'Canvas']) expectContrast(list, ring, other, 'sign');
    });
  });
}
