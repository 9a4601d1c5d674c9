import { PNG } from 'pngjs';
import { startWebKitDriver, type Browser } from '../runner/browsers.js';
import { newWebKitSession } from '../runner/webkit-session.js';
import { waitUntil, type Camera, type Size } from './camera.js';

/** MiniBrowser's window can't be narrower than its toolbar, which is 447 px wide. */
export const minWindowWidth = 447;

/** The lower half is tall enough for the longest page. */
const display = { width: 1400, height: 11_000 };

export async function webkitCamera(webkit: Browser): Promise<Camera> {
  const size = `${display.width}x${display.height}`;
  const driver = await startWebKitDriver(webkit, { size, canTakePictures: true });
  const client = await newWebKitSession(webkit, driver.port);
  let pageSize: Size = { width: 0, height: 0 };

  const mouse = (action: object) =>
    client.performActions([
      { type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions: [action] },
    ]);

  const resize = async (size: Size) => {
    pageSize = size;
    // The window is larger than the page by the toolbar, whose size only the page can measure.
    const [width, height] = (await client.executeScript(
      `for (const frame of document.querySelectorAll('iframe[name="narrow"]')) frame.height = ${size.height};
       return [outerWidth - innerWidth, outerHeight - innerHeight]`,
      [],
    )) as unknown as [number, number];
    // Without a window manager, the focus is in the window under the pointer, and no other window shows a focus ring.
    // The pointer is in the center of the display. The toolbar is placed there, so no element of the page is hovered.
    await client.setWindowRect(
      Math.round((display.width - pageSize.width) / 2),
      display.height / 2 - 10,
      Math.max(size.width, minWindowWidth) + width,
      size.height + height,
    );
  };

  const evaluate: Camera['evaluate'] = async (run, argument) =>
    (await client.executeScript(
      'return (window.narrow ?? window).eval(`(${arguments[0]})`)(arguments[1])',
      [run.toString(), argument],
    )) as never;

  return {
    version: driver.version,
    visit: async (url, size) => {
      await client.navigateTo(url);
      if (size.width < minWindowWidth) {
        const frame = `<body style="margin: 0"><iframe name="narrow" src="${url}" width="${size.width}" style="border: 0"></iframe>`;
        await client.executeScript(
          'document.open(); document.write(arguments[0]); document.close()',
          [frame],
        );
        await waitUntil({ evaluate }, 'the frame', () => document.readyState === 'complete', null);
      }
      await resize(size);
    },
    resize,
    evaluate,
    moveMouse: (x, y) => mouse({ type: 'pointerMove', x: Math.round(x), y: Math.round(y) }),
    setMouseButton: (isDown) => mouse({ type: isDown ? 'pointerDown' : 'pointerUp', button: 0 }),
    screenshot: async (part = { x: 0, y: 0, ...pageSize }) => {
      await evaluate(rewindAnimations, null);
      const deadline = Date.now() + 20_000;
      let latest = '';
      let previous: string;
      let window: PNG | undefined;
      // WebKit draws changes of the page later, piece by piece.
      do {
        if (Date.now() > deadline) throw new Error('WebKit does not draw its window.');
        previous = latest;
        await client.executeAsyncScript(waitForTwoFrames, []);
        latest = await client.takeScreenshot();
        window = latest === previous ? PNG.sync.read(Buffer.from(latest, 'base64')) : undefined;
      } while (!window || !isDrawn(window, pageSize));
      const screenshot = new PNG({ width: part.width, height: part.height });
      PNG.bitblt(window, screenshot, part.x, part.y, part.width, part.height, 0, 0);
      return PNG.sync.write(screenshot);
    },
    close: async () => {
      await client.deleteSession();
      await driver.stop();
    },
  };
}

const waitForTwoFrames = 'requestAnimationFrame(() => requestAnimationFrame(arguments[0]))';

/**
 * Pauses all animations at their start, so pictures don't depend on when they are taken. In WebKit,
 * `document.getAnimations()` omits those in shadow trees.
 */
const rewindAnimations = () => {
  const roots = [...document.querySelectorAll('*')].map(({ shadowRoot }) => shadowRoot);
  for (const animation of roots.flatMap((root) => root?.getAnimations() ?? [])) {
    animation.pause();
    animation.currentTime = 0;
  }
};

/** Parts that aren't drawn yet are missing or black. No page has a black square of this size. */
function isDrawn({ width, height, data }: PNG, pageSize: Size): boolean {
  if (width < pageSize.width || height < pageSize.height) return false;
  const side = 8;
  const isBlack = (x: number, y: number) => data.readUIntBE((y * width + x) * 4, 3) === 0;
  for (let top = 0; top + side <= pageSize.height; top += side) {
    for (let left = 0; left + side <= pageSize.width; left += side) {
      let count = 0;
      while (
        count < side * side &&
        isBlack(left + (count % side), top + Math.floor(count / side))
      ) {
        count += 1;
      }
      if (count === side * side) return false;
    }
  }
  return true;
}
