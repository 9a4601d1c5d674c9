import { launch } from '../end-to-end/chromium.js';
import type { Camera } from './camera.js';

/** Chromium, so that it draws the same picture each time. */
export async function chromiumCamera({ forcedColors = false } = {}): Promise<Camera> {
  // Letters without subpixels and with no hints of the machine's own.
  const browser = await launch('--font-render-hinting=none', '--disable-lcd-text');
  const page = await browser.newPage({
    timezoneId: 'UTC',
    locale: 'en-US',
    reducedMotion: 'reduce',
    forcedColors: forcedColors ? 'active' : 'none',
  });
  page.setDefaultTimeout(20_000);
  return {
    version: browser.version(),
    visit: async (url, size) => {
      await page.mouse.move(0, 0);
      await page.setViewportSize(size);
      await page.goto(url);
    },
    resize: (size) => page.setViewportSize(size),
    // Playwright's types unwrap handles, of which there are none here.
    evaluate: (run, given) => page.evaluate(run as never, given) as never,
    point: (x, y) => page.mouse.move(x, y),
    hold: (isDown) => (isDown ? page.mouse.down() : page.mouse.up()),
    picture: (clip) =>
      page.screenshot({ animations: 'disabled', caret: 'hide', ...(clip && { clip }) }),
    close: () => browser.close(),
  };
}
