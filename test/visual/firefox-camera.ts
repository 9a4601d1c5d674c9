import puppeteer from 'puppeteer';
import type { Browser } from '../runner/browsers.js';
import type { Camera } from './camera.js';

export async function firefoxCamera({ executablePath, version }: Browser): Promise<Camera> {
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath });
  const page = await browser.newPage();
  return {
    version,
    visit: async (url, size) => {
      await page.mouse.move(0, 0);
      await page.setViewport(size);
      await page.goto(url);
    },
    resize: (size) => page.setViewport(size),
    evaluate: (run, argument) => page.evaluate(run as never, argument as never),
    moveMouse: (x, y) => page.mouse.move(x, y),
    setMouseButton: (isDown) => (isDown ? page.mouse.down() : page.mouse.up()),
    screenshot: async (clip) => Buffer.from(await page.screenshot(clip && { clip })),
    close: () => browser.close(),
  };
}
