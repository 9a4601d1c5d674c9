import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import getPort from 'get-port';
import { start, stop } from './processes.js';

export const engines = ['chromium', 'firefox', 'webkit'] as const;
export type Engine = (typeof engines)[number];

export interface Browser {
  engine: Engine;
  executablePath: string;
  /** As `--version` prints it: "Chromium 156.0.8078.79 …". */
  version: string;
}

interface BrowserLocation {
  /** Environment variable with the path of a browser that is installed elsewhere. */
  variable: string;
  /** Names of programs on PATH, or absolute paths. */
  candidates: string[];
  /** Its name for `puppeteer browsers install`. Undefined if Puppeteer cannot install it. */
  download?: string;
  /** How to install it, for the report. */
  advice: string;
}

const locations: Record<Engine, BrowserLocation> = {
  chromium: {
    variable: 'CHROMIUM_PATH',
    candidates: [
      'chromium',
      'chromium-browser',
      'google-chrome',
      'google-chrome-stable',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ],
    download: 'chrome',
    advice: 'apt-get install chromium chromium-headless-shell, or CHROMIUM_PATH=/path/to/chrome',
  },
  firefox: {
    variable: 'FIREFOX_PATH',
    candidates: ['firefox-esr', 'firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'],
    download: 'firefox@stable',
    advice: 'apt-get install firefox-esr, or FIREFOX_PATH=/path/to/firefox',
  },
  webkit: {
    variable: 'WEBKIT_PATH',
    candidates: miniBrowsers(),
    advice: 'apt-get install webkit2gtk-driver xvfb (WebKitGTK: Linux only)',
  },
};

export const adviceFor = (engine: Engine): string => locations[engine].advice;

/** Finds the engine's browser on this machine. If there is none, tries to download one. */
export const findBrowser = (engine: Engine): Browser | undefined => {
  const { variable, candidates, download } = locations[engine];
  const named = process.env[variable];
  let executablePath = named ? onPath(named) : candidates.map(onPath).find(Boolean);
  if (engine === 'webkit') {
    if (!onPath('WebKitWebDriver') || !onPath('Xvfb')) return undefined;
    return executablePath ? { engine, executablePath, version: 'WebKitGTK' } : undefined;
  }
  if (!executablePath && !named && download) executablePath = downloadBrowser(download);
  return executablePath
    ? { engine, executablePath, version: versionOf(executablePath) }
    : undefined;
};

/**
 * Chromium's headless shell, if it is installed. It has no windows and none of the browser's services, so tests take a
 * third to a half of the time. Tests that need what it lacks start Chromium itself.
 */
export const chromiumShell = (): string | undefined =>
  process.env[locations.chromium.variable] ? undefined : onPath('chromium-headless-shell');

const onPath = (name: string): string | undefined => {
  const folders = name.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** WebKitGTK's browser for tests is in the folder of its libraries, which has the version in its name. */
function miniBrowsers(): string[] {
  const folders = ['/usr/lib', '/usr/libexec'].flatMap((folder) => [
    folder,
    ...subfolders(folder).filter((path) => path.endsWith('-linux-gnu')),
  ]);
  return folders
    .flatMap(subfolders)
    .filter((path) => /\/webkit2?gtk-[\d.]+$/.test(path))
    .map((path) => join(path, 'MiniBrowser'));
}

function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

const versionOf = (executablePath: string, environment?: NodeJS.ProcessEnv): string => {
  const { stdout } = spawnSync(executablePath, ['--version'], {
    encoding: 'utf8',
    timeout: 20_000,
    env: { ...process.env, ...environment },
  });
  return stdout
    .trim()
    .replace(/^Mozilla /, '')
    .replace(/ built on.*$/, '');
};

/** Uses Puppeteer's installer, which keeps downloads in a cache. */
const downloadBrowser = (name: string): string | undefined => {
  console.log(`Found no ${name} on this machine. Trying Puppeteer's installer …`);
  const { status, stdout, stderr } = spawnSync(
    'node_modules/.bin/puppeteer',
    ['browsers', 'install', name, '--format', '{{path}}'],
    { encoding: 'utf8', timeout: 240_000, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const path = stdout.trim().split('\n').at(-1) ?? '';
  if (status === 0 && isExecutable(path)) return path;
  const reason = stderr.split('\n').findLast((line) => /^(Error| +- )/.test(line));
  console.log(`The download failed: ${reason?.trim() ?? 'no answer within four minutes'}`);
  return undefined;
};

export interface WebKitDriver {
  port: number;
  version: string;
  stop(): Promise<void>;
}

/** Starts WebKit's driver and a virtual screen for it. */
export const startWebKitDriver = async (
  { executablePath }: Browser,
  { size = '1280x1024', canTakePictures = false } = {},
): Promise<WebKitDriver> => {
  const screen = start(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', `${size}x24`, '-nolisten', 'tcp'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  );
  try {
    const [display] = (await Promise.race([
      once(screen.stdio[3] as NodeJS.EventEmitter, 'data'),
      once(screen, 'exit').then(() => {
        throw new Error('Xvfb exited before it had a screen');
      }),
    ])) as [Buffer];
    const environment = {
      DISPLAY: `:${String(display).trim()}`,
      GDK_BACKEND: 'x11',
      // WebKit's sandbox doesn't work as root, and CI has no graphics card.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
      // Saves time, but WebKitGTK 2.50 then never answers a request for a screenshot.
      ...(canTakePictures ? {} : { WEBKIT_DISABLE_COMPOSITING_MODE: '1' }),
      LIBGL_ALWAYS_SOFTWARE: '1',
    };
    const port = await getPort();
    const driver = start('WebKitWebDriver', [`--port=${String(port)}`], {
      stdio: 'ignore',
      env: { ...process.env, ...environment },
    });
    const version = versionOf(executablePath, environment);
    await waitForAnswer(`http://127.0.0.1:${String(port)}/status`);
    return {
      port,
      version,
      stop: async () => {
        await stop(driver);
        await stop(screen);
      },
    };
  } catch (error) {
    await stop(screen);
    throw error;
  }
};

const waitForAnswer = async (url: string): Promise<void> => {
  const end = Date.now() + 20_000;
  for (;;) {
    try {
      await fetch(url);
      return;
    } catch (cause) {
      if (Date.now() > end) throw new Error(`Nothing answers at ${url}`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
};
