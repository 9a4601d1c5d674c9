import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { adviceFor, engines, findBrowser, type Browser, type Engine } from '../runner/browsers.js';
import { stopAll } from '../runner/processes.js';
import type { Camera } from './camera.js';
import { chromiumCamera } from './chromium-camera.js';
import { firefoxCamera } from './firefox-camera.js';
import { HostPage } from './host-page.js';
import { shoot, type Setting } from './shoot.js';
import { views } from './views.js';
import { narrowest, webkitCamera } from './webkit-camera.js';

/*
 * `npm run pictures`: every view in every engine there is, to be looked at. Nothing is compared.
 *
 *   npm run pictures -- --engine firefox --view button --width 320
 */
const { values } = parseArgs({
  options: {
    engine: { type: 'string', multiple: true, default: [...engines] },
    view: { type: 'string', multiple: true, default: Object.keys(views) },
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

const host = await HostPage.start();
try {
  for (const engine of engines.filter((name) => values.engine.includes(name))) {
    const browser = findBrowser(engine);
    if (!browser) console.log(`No pictures of ${engine}: ${adviceFor(engine)}`);
    else await shootAll(engine, await cameras[engine](browser));
  }
} finally {
  host.close();
  await stopAll();
}

async function shootAll(engine: Engine, camera: Camera): Promise<void> {
  const folder = new URL(`../../.test-results/pictures/${engine}/`, import.meta.url);
  mkdirSync(folder, { recursive: true });
  let count = 0;
  for (const name of values.view) {
    const view = views[name];
    if (!view) throw new Error(`There is no view "${name}": ${Object.keys(views).join(', ')}`);
    for (const setting of settings) {
      const { colorScheme, dir } = setting;
      // A modal in a frame of WebKit's, which a narrow page needs, would open in a window of its own.
      const isWide = engine === 'webkit' && view.height !== undefined;
      const width = isWide ? Math.max(setting.width, narrowest) : setting.width;
      const { picture } = await shoot(camera, host, view, { ...setting, width });
      writeFileSync(new URL(`${name}-${width}-${colorScheme}-${dir}.png`, folder), picture);
      count += 1;
    }
  }
  await camera.close();
  console.log(`${camera.version}: ${count} pictures in .test-results/pictures/${engine}`);
}
