import { PNG } from 'pngjs';
import WebDriver from 'webdriver';
import { startWebKitDriver, type Browser } from '../runner/browsers.js';
import { until, type Camera, type Size } from './camera.js';

/** MiniBrowser's window becomes no narrower than its toolbar, which is 447 px wide. */
export const narrowest = 447;

/** The longest page fits into its lower half. */
const screen = { width: 1400, height: 11_000 };

export async function webkitCamera(webkit: Browser): Promise<Camera> {
  const size = `${screen.width}x${screen.height}`;
  const driver = await startWebKitDriver(webkit, { size, canBeDrawn: true });
  const client = await WebDriver.newSession({
    hostname: '127.0.0.1',
    port: driver.port,
    path: '/',
    logLevel: 'error',
    capabilities: {
      browserName: 'MiniBrowser',
      'wdio:enforceWebDriverClassic': true,
      'webkitgtk:browserOptions': { binary: webkit.executablePath, args: ['--automation'] },
    } as WebdriverIO.Capabilities,
  });
  /** Of the page. */
  let shown: Size = { width: 0, height: 0 };

  const mouse = (action: object) =>
    client.performActions([
      { type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions: [action] },
    ]);

  const resize = async (size: Size) => {
    shown = size;
    // The window is larger than the page by its toolbar, whose height only the page can tell.
    const [width, height] = (await client.executeScript(
      `for (const frame of document.querySelectorAll('iframe[name="narrow"]')) frame.height = ${size.height};
       return [outerWidth - innerWidth, outerHeight - innerHeight]`,
      [],
    )) as unknown as [number, number];
    // Without a window manager the window under the pointer has the focus, and none shows in any other. The
    // pointer is in the middle of the screen: there it is on the toolbar, and on nothing of the page.
    await client.setWindowRect(
      Math.round((screen.width - shown.width) / 2),
      screen.height / 2 - 10,
      Math.max(size.width, narrowest) + width,
      size.height + height,
    );
  };

  const evaluate: Camera['evaluate'] = async (run, given) =>
    (await client.executeScript(
      'return (window.narrow ?? window).eval(`(${arguments[0]})`)(arguments[1])',
      [run.toString(), given],
    )) as never;

  return {
    version: driver.version,
    visit: async (url, size) => {
      await client.navigateTo(url);
      if (size.width < narrowest) {
        const frame = `<body style="margin: 0"><iframe name="narrow" src="${url}" width="${size.width}" style="border: 0"></iframe>`;
        await client.executeScript(
          'document.open(); document.write(arguments[0]); document.close()',
          [frame],
        );
        await until({ evaluate }, 'the frame', () => document.readyState === 'complete', null);
      }
      await resize(size);
    },
    resize,
    evaluate,
    point: (x, y) => mouse({ type: 'pointerMove', x: Math.round(x), y: Math.round(y) }),
    hold: (isDown) => mouse({ type: isDown ? 'pointerDown' : 'pointerUp', button: 0 }),
    picture: async (part = { x: 0, y: 0, ...shown }) => {
      await evaluate(stopAnimations, null);
      const end = Date.now() + 20_000;
      let taken = '';
      let before: string;
      let whole: PNG | undefined;
      // What has changed in the page is drawn some time later, piece by piece.
      do {
        if (Date.now() > end) throw new Error('WebKit does not draw its window.');
        before = taken;
        await client.executeAsyncScript(twoFrames, []);
        taken = await client.takeScreenshot();
        whole = taken === before ? PNG.sync.read(Buffer.from(taken, 'base64')) : undefined;
      } while (!whole || !isDrawn(whole, shown));
      const picture = new PNG({ width: part.width, height: part.height });
      PNG.bitblt(whole, picture, part.x, part.y, part.width, part.height, 0, 0);
      return PNG.sync.write(picture);
    },
    close: async () => {
      await client.deleteSession();
      await driver.stop();
    },
  };
}

const twoFrames = 'requestAnimationFrame(() => requestAnimationFrame(arguments[0]))';

/** At their beginning, so that two pictures are the same. WebKit's document does not know those of shadow trees. */
const stopAnimations = () => {
  const roots = [...document.querySelectorAll('*')].map(({ shadowRoot }) => shadowRoot);
  for (const animation of roots.flatMap((root) => root?.getAnimations() ?? [])) {
    animation.pause();
    animation.currentTime = 0;
  }
};

/** What is not drawn yet is missing, or black: no page has as much of that in one place. */
function isDrawn({ width, height, data }: PNG, shown: Size): boolean {
  if (width < shown.width || height < shown.height) return false;
  const side = 8;
  const isBlack = (x: number, y: number) => data.readUIntBE((y * width + x) * 4, 3) === 0;
  for (let top = 0; top + side <= shown.height; top += side) {
    for (let left = 0; left + side <= shown.width; left += side) {
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
