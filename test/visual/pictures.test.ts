import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { compare, isUpdate } from './baseline.js';
import type { Camera } from './camera.js';
import { chromiumCamera } from './chromium-camera.js';
import { PageServer } from './page-server.js';
import { reasonToSkip, writeVersions } from './baseline-versions.js';
import { takeScreenshot, type Setting } from './take-screenshot.js';
import { screens } from './screens.js';

const directions = (width: number): Setting[] =>
  (['light', 'dark'] as const).flatMap((colorScheme) =>
    (['ltr', 'rtl'] as const).map((dir) => ({ width, colorScheme, dir })),
  );

const nameOf = (screen: string, { width, colorScheme, dir, textPercent }: Setting) =>
  [screen, width, colorScheme, dir, textPercent && `text-${textPercent}`].filter(Boolean).join('-');

/*
 * Compares a picture of every screen in Chromium with its baseline. After `npm test -- visual --update`, which writes
 * new baselines, look at what has changed before you commit it. `npm run pictures` takes pictures in all engines and
 * widths, and compares nothing.
 */
function comparePictures(
  openCamera: () => Promise<Camera>,
  pictures: [screen: string, setting: Setting, baseline: string][],
): void {
  let camera: Camera;
  let server: PageServer;
  let skip: string | undefined;

  before(async () => {
    server = await PageServer.start();
    camera = await openCamera();
    skip = isUpdate ? undefined : reasonToSkip(camera.version);
  });

  after(async () => {
    await camera.close();
    server.close();
    if (isUpdate) writeVersions(camera.version);
  });

  for (const [name, setting, baseline] of pictures) {
    it(`match the baseline ${baseline}`, async (test) => {
      const screen = screens[name];
      assert.ok(screen);
      if (skip) {
        test.skip(skip);
        return;
      }
      const { picture, scrollWidth } = await takeScreenshot(camera, server, screen, setting);
      assert.equal(scrollWidth, setting.width, 'nothing is wider than the window');
      compare(baseline, picture);
    });
  }
}

describe('pictures in Chromium', () => {
  comparePictures(
    () => chromiumCamera(),
    [
      ...Object.keys(screens).flatMap((name) =>
        [320, 1280].flatMap(directions).map((setting) => [name, setting] as const),
      ),
      ['rows', { width: 320, colorScheme: 'light', dir: 'ltr', textPercent: 200 }] as const,
    ].map(([name, setting]) => [name, setting, nameOf(name, setting)]),
  );
});

describe('pictures in Chromium with forced colors', () => {
  comparePictures(
    () => chromiumCamera({ forcedColors: true }),
    ['rows', 'skeleton', 'button', 'opening', 'open'].map((name) => {
      const setting = { width: 320, colorScheme: 'dark', dir: 'ltr' } as const;
      return [name, setting, `${nameOf(name, setting)}-forced`];
    }),
  );
});
