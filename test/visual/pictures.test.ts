import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { compare, isUpdate } from './baseline.js';
import type { Camera } from './camera.js';
import { chromiumCamera } from './chromium-camera.js';
import { HostPage } from './host-page.js';
import { reasonToSkip, writeMadeWith } from './made-with.js';
import { shoot, type Setting } from './shoot.js';
import { views } from './views.js';

const directions = (width: number): Setting[] =>
  (['light', 'dark'] as const).flatMap((colorScheme) =>
    (['ltr', 'rtl'] as const).map((dir) => ({ width, colorScheme, dir })),
  );

const nameOf = (view: string, { width, colorScheme, dir, text }: Setting) =>
  [view, width, colorScheme, dir, text && `text-${text}`].filter(Boolean).join('-');

/*
 * Every view in Chromium as a picture, compared with one that was looked at. `npm test -- visual` compares,
 * `npm test -- visual --update` writes them anew: look at what has changed before you commit it.
 * Other engines and widths are in `npm run pictures`, which compares nothing.
 */
function holdPictures(open: () => Promise<Camera>, pictures: [string, Setting, string][]): void {
  let camera: Camera;
  let host: HostPage;
  let skip: string | undefined;

  before(async () => {
    host = await HostPage.start();
    camera = await open();
    skip = isUpdate ? undefined : reasonToSkip(camera.version);
  });

  after(async () => {
    await camera.close();
    host.close();
    if (isUpdate) writeMadeWith(camera.version);
  });

  for (const [name, setting, file] of pictures) {
    it(file, async (test) => {
      const view = views[name];
      assert.ok(view);
      if (skip) {
        test.skip(skip);
        return;
      }
      const { picture, scrollWidth } = await shoot(camera, host, view, setting);
      assert.equal(scrollWidth, setting.width, 'nothing is wider than the screen');
      compare(file, picture);
    });
  }
}

describe('it looks as it did', () => {
  holdPictures(
    () => chromiumCamera(),
    [
      ...Object.keys(views).flatMap((name) =>
        [320, 1280].flatMap(directions).map((setting) => [name, setting] as const),
      ),
      ['rows', { width: 320, colorScheme: 'light', dir: 'ltr', text: 200 }] as const,
    ].map(([name, setting]) => [name, setting, nameOf(name, setting)]),
  );
});

describe('it looks as it did in forced colors', () => {
  holdPictures(
    () => chromiumCamera({ forcedColors: true }),
    ['rows', 'skeleton', 'button', 'opening', 'open'].map((name) => {
      const setting = { width: 320, colorScheme: 'dark', dir: 'ltr' } as const;
      return [name, setting, `${nameOf(name, setting)}-forced`];
    }),
  );
});
