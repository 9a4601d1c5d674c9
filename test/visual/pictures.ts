import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { adviceFor, engines, findBrowser, type Browser, type Engine } from '../runner/browsers.js';
import { stopAll } from '../runner/processes.js';
import type { Camera } from './camera.js';
import { chromiumCamera } from './chromium-camera.js';
import { firefoxCamera } from './firefox-camera.js';
import { PageServer } from './page-server.js';
import { takeScreenshot, type Setting } from './take-screenshot.js';
import { screens } from './screens.js';
import { minWindowWidth, webkitCamera } from './webkit-camera.js';

/*
 * `npm run pictures` takes pictures of every screen in every installed engine, for you to look at. It compares nothing.
 *
 *   npm run pictures -- --engine firefox --screen button --width 320
 */
const { values } = parseArgs({
  options: {
    engine: { type: 'string', multiple: true, default: [...engines] },
    screen: { type: 'string', multiple: true, default: Object.keys(screens) },
    width: { type: 'string', multiple: true, default: ['320', '768', '1280'] },
  },
});

const cameras: Record<Engine, (browser: Browser) => Promise<Camera>> = {
  chromium: () => chromiumCamera(),
  firefox: firefoxCamera,
  webkit: webkitCamera,
};

const settings = values.width.flatMap((width) =>
  (['light', 'dark'] as const).flatMap((colorScheme) =>
    (['ltr', 'rtl'] as const).map((dir): Setting => ({ width: Number(width), colorScheme, dir })),
  ),
);

const server = await PageServer.start();
try {
  for (const engine of engines.filter((name) => values.engine.includes(name))) {
    const browser = findBrowser(engine);
    if (!browser) console.log(`No pictures in ${engine}: ${adviceFor(engine)}`);
    else await takeAll(engine, await cameras[engine](browser));
  }
} finally {
  server.close();
  await stopAll();
}

async function takeAll(engine: Engine, camera: Camera): Promise<void> {
  const folder = new URL(`../../.test-results/pictures/${engine}/`, import.meta.url);
  mkdirSync(folder, { recursive: true });
  let count = 0;
  for (const name of values.screen) {
    const screen = screens[name];
    if (!screen)
      throw new Error(`There is no screen "${name}": ${Object.keys(screens).join(', ')}`);
    for (const setting of settings) {
      const { colorScheme, dir } = setting;
      // WebKit needs a frame to show a narrow page, and in a frame the modal would open in a separate window.
      const isModal = screen.height !== undefined;
      const width =
        engine === 'webkit' && isModal ? Math.max(setting.width, minWindowWidth) : setting.width;
      const { picture } = await takeScreenshot(camera, server, screen, { ...setting, width });
      writeFileSync(new URL(`${name}-${width}-${colorScheme}-${dir}.png`, folder), picture);
      count += 1;
    }
  }
  await camera.close();
  console.log(`${camera.version}: ${count} pictures in .test-results/pictures/${engine}`);
}
