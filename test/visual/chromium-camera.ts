import { launch } from '../end-to-end/chromium.js';
import type { Camera } from './camera.js';

/** Starts Chromium with settings that make it draw the same picture every time. */
export async function chromiumCamera({ forcedColors = false } = {}): Promise<Camera> {
  // Subpixel rendering and hinting differ between machines.
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
    // Playwright's types unwrap JSHandles, which aren't used here.
    evaluate: (run, argument) => page.evaluate(run as never, argument) as never,
    moveMouse: (x, y) => page.mouse.move(x, y),
    setMouseButton: (isDown) => (isDown ? page.mouse.down() : page.mouse.up()),
    screenshot: (clip) =>
      page.screenshot({ animations: 'disabled', caret: 'hide', ...(clip && { clip }) }),
    close: () => browser.close(),
  };
}
