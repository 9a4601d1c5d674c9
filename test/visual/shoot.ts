import { PNG } from 'pngjs';
import { until, type Box, type Camera } from './camera.js';
import type { HostPage } from './host-page.js';
import type { Step, View } from './views.js';

export interface Setting {
  width: number;
  colorScheme: 'light' | 'dark';
  dir: 'ltr' | 'rtl';
  /** The page's text, in percent. Default: 100. */
  text?: number;
}

/** High enough that every lazy logo is in sight. */
const tall = 3000;

/** A view's picture, and how wide what is in it is. */
export async function shoot(
  camera: Camera,
  host: HostPage,
  { path, endpoints, act, height, steps = [] }: View,
  { width, colorScheme, dir, text = 100 }: Setting,
): Promise<{ picture: Buffer; scrollWidth: number }> {
  host.endpoints = endpoints?.(host.origin) ?? {};
  await camera.visit(`${host.origin}${path}`, { width, height: height ?? tall });
  await camera.evaluate(
    (style) => {
      document.documentElement.dir = style.dir;
      Object.assign(document.documentElement.style, style);
    },
    { dir, colorScheme, fontSize: `${text}%` },
  );
  await act(camera, host.endpoints);
  await until(camera, 'fonts and logos', areThere, null);
  if (height === undefined) {
    const pageHeight = await camera.evaluate(
      () => Math.ceil(document.body.getBoundingClientRect().height),
      null,
    );
    await camera.resize({ width, height: pageHeight });
  }
  const scrollWidth = await camera.evaluate(() => document.documentElement.scrollWidth, null);
  const first = await camera.picture();
  if (steps.length === 0) return { picture: first, scrollWidth };
  const sheet = PNG.sync.read(first);
  for (const step of steps) await take(camera, sheet, step);
  return { picture: PNG.sync.write(sheet), scrollWidth };
}

/**
 * Logos come with the integrations, after the rows, unless the view is of a list that waits. One that is not
 * asked for yet counts as complete in Chromium 156; one that is broken gets hidden.
 */
const areThere = () =>
  document.fonts.status === 'loaded' &&
  [...document.querySelectorAll('pica-connections-list')].every(
    ({ busy, shadowRoot }) =>
      (!busy || shadowRoot?.querySelector('.skeleton')) &&
      [...(shadowRoot?.querySelectorAll('img') ?? [])].every(
        ({ complete, naturalWidth, hidden }) => hidden || (complete && naturalWidth > 0),
      ),
  );

/** Does what a step says, and copies what that changed into the sheet. */
async function take(camera: Camera, sheet: PNG, { focus, point, isHeld }: Step): Promise<void> {
  if (focus) {
    await camera.evaluate((selector) => {
      const inner = document.querySelector(selector)?.shadowRoot?.querySelector('button');
      // As by keyboard, whatever was done by mouse before.
      inner?.focus({ preventScroll: true, focusVisible: true });
    }, focus);
  }
  if (point) {
    const { x, y, width, height } = await boxOf(camera, point);
    await camera.point(x + width / 2, y + height / 2);
    if (isHeld) await camera.hold(true);
  }
  for (const selector of [focus, point]) {
    if (!selector) continue;
    // With the ring around it.
    const box = await boxOf(camera, selector, 8);
    const part = PNG.sync.read(await camera.picture(box));
    PNG.bitblt(part, sheet, 0, 0, box.width, box.height, box.x, box.y);
  }
  // Away from it, so that it is not clicked.
  await camera.point(1, 1);
  if (isHeld) await camera.hold(false);
}

/** Where an element is in the window, in whole pixels, with so many around it. */
const boxOf = (camera: Camera, selector: string, around = 0): Promise<Box> =>
  camera.evaluate(
    ({ selector, around }): Box => {
      const element = document.querySelector(selector);
      if (!element) throw new Error(`There is no ${selector}`);
      const { left, top, right, bottom } = element.getBoundingClientRect();
      const x = Math.max(0, Math.floor(left) - around);
      const y = Math.max(0, Math.floor(top) - around);
      return {
        x,
        y,
        width: Math.min(innerWidth, Math.ceil(right) + around) - x,
        height: Math.min(innerHeight, Math.ceil(bottom) + around) - y,
      };
    },
    { selector, around },
  );
