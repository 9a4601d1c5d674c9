import WebDriver, { type Client } from 'webdriver';
import type { Browser } from './browsers.js';

/** Opens MiniBrowser through a driver from `startWebKitDriver()`, which allows one session at a time. */
export const newWebKitSession = ({ executablePath }: Browser, port: number): Promise<Client> =>
  WebDriver.newSession({
    hostname: '127.0.0.1',
    port,
    path: '/',
    logLevel: 'error',
    capabilities: {
      browserName: 'MiniBrowser',
      // MiniBrowser has no BiDi; without this webdriverio waits for it.
      'wdio:enforceWebDriverClassic': true,
      'webkitgtk:browserOptions': { binary: executablePath, args: ['--automation'] },
    } as WebdriverIO.Capabilities,
  });
