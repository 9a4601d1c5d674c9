import { PNG } from 'pngjs';
import { waitUntil, type Box, type Camera } from './camera.js';
import type { PageServer } from './page-server.js';
import type { Step, Screen } from './screens.js';

export interface Setting {
  width: number;
  colorScheme: 'light' | 'dark';
  dir: 'ltr' | 'rtl';
  /** The page's font size in percent. Default: 100. */
  textPercent?: number;
}

/** Tall enough to bring all lazy-loaded logos into view. */
const initialHeight = 3000;

/** Takes a screen's picture, and measures the width of its contents. */
export async function takeScreenshot(
  camera: Camera,
  server: PageServer,
  { path, endpoints, act, height, steps = [] }: Screen,
  { width, colorScheme, dir, textPercent = 100 }: Setting,
): Promise<{ picture: Buffer; scrollWidth: number }> {
  server.endpoints = endpoints?.(server.origin) ?? {};
  await camera.visit(`${server.origin}${path}`, { width, height: height ?? initialHeight });
  await camera.evaluate(
    (style) => {
      document.documentElement.dir = style.dir;
      Object.assign(document.documentElement.style, style);
    },
    { dir, colorScheme, fontSize: `${textPercent}%` },
  );
  await act(camera, server.endpoints);
  await waitUntil(camera, 'fonts and logos', areFontsAndLogosLoaded, null);
  if (height === undefined) {
    const pageHeight = await camera.evaluate(
      () => Math.ceil(document.body.getBoundingClientRect().height),
      null,
    );
    await camera.resize({ width, height: pageHeight });
  }
  const scrollWidth = await camera.evaluate(() => document.documentElement.scrollWidth, null);
  const base = await camera.screenshot();
  if (steps.length === 0) return { picture: base, scrollWidth };
  const picture = PNG.sync.read(base);
  for (const step of steps) await copyStep(camera, picture, step);
  return { picture: PNG.sync.write(picture), scrollWidth };
}

/**
 * Logos arrive with the integrations, which follow the rows. A screen that shows the skeleton doesn't wait for them.
 * In Chromium 156, `complete` is true for an image that isn't requested yet, so its width is checked, too. Broken
 * logos are hidden.
 */
const areFontsAndLogosLoaded = () =>
  document.fonts.status === 'loaded' &&
  [...document.querySelectorAll('pica-connections-list')].every(
    ({ busy, shadowRoot }) =>
      (!busy || shadowRoot?.querySelector('.skeleton')) &&
      [...(shadowRoot?.querySelectorAll('img') ?? [])].every(
        ({ complete, naturalWidth, hidden }) => hidden || (complete && naturalWidth > 0),
      ),
  );

/** Performs a step, and copies the elements that it changed into the picture. */
async function copyStep(
  camera: Camera,
  picture: PNG,
  { focus, hover, isPressed }: Step,
): Promise<void> {
  if (focus) {
    await camera.evaluate((selector) => {
      const inner = document.querySelector(selector)?.shadowRoot?.querySelector('button');
      // Shows the focus ring even if the mouse was used before.
      inner?.focus({ preventScroll: true, focusVisible: true });
    }, focus);
  }
  if (hover) {
    const { x, y, width, height } = await boxOf(camera, hover);
    await camera.moveMouse(x + width / 2, y + height / 2);
    if (isPressed) await camera.setMouseButton(true);
  }
  for (const selector of [focus, hover]) {
    if (!selector) continue;
    // The margin includes the focus ring.
    const box = await boxOf(camera, selector, 8);
    const part = PNG.sync.read(await camera.screenshot(box));
    PNG.bitblt(part, picture, 0, 0, box.width, box.height, box.x, box.y);
  }
  // Releasing the button over the element would click it.
  await camera.moveMouse(1, 1);
  if (isPressed) await camera.setMouseButton(false);
}

/** An element's position in the window in whole pixels, with a margin around it. */
const boxOf = (camera: Camera, selector: string, margin = 0): Promise<Box> =>
  camera.evaluate(
    ({ selector, margin }): Box => {
      const element = document.querySelector(selector);
      if (!element) throw new Error(`There is no ${selector}`);
      const { left, top, right, bottom } = element.getBoundingClientRect();
      const x = Math.max(0, Math.floor(left) - margin);
      const y = Math.max(0, Math.floor(top) - margin);
      return {
        x,
        y,
        width: Math.min(innerWidth, Math.ceil(right) + margin) - x,
        height: Math.min(innerHeight, Math.ceil(bottom) + margin) - y,
      };
    },
    { selector, margin },
  );
