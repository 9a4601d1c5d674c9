import { PNG } from 'pngjs';
import WebDriver from 'webdriver';
import { startWebKitDriver, type Browser } from '../browsers.js';
import { until, type Camera, type Size } from './camera.js';

/** MiniBrowser's window becomes no narrower than its toolbar, which is 447 px wide. */
export const narrowest = 447;

export async function webkitCamera(webkit: Browser): Promise<Camera> {
  // A screen that the longest page fits on: WebKit's driver draws no more of a page than its window shows.
  const driver = await startWebKitDriver(webkit, { size: '1400x4000', canBeDrawn: true });
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
    await client.setWindowRect(0, 0, Math.max(size.width, narrowest) + width, size.height + height);
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
      const end = Date.now() + 20_000;
      let whole: PNG;
      do {
        if (Date.now() > end) throw new Error('WebKit does not draw its window.');
        whole = PNG.sync.read(Buffer.from(await client.takeScreenshot(), 'base64'));
      } while (!isDrawn(whole, shown));
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

/** It draws a new size some time after it has it. Until then there is less, or black. */
function isDrawn({ width, height, data }: PNG, shown: Size): boolean {
  const corner = ((shown.height - 1) * width + shown.width - 1) * 4;
  return width >= shown.width && height >= shown.height && data.readUIntBE(corner, 3) > 0;
}
