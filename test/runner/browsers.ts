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
  /** As the browser says it: "Chromium 156.0.8078.79 …". */
  version: string;
}

interface Place {
  /** Environment variable that names the browser, for those who have it elsewhere. */
  variable: string;
  /** Program names, looked for on PATH, and whole paths. */
  candidates: string[];
  /** What `puppeteer browsers install` calls it; nothing where it has none. */
  download?: string;
  /** How to get it, for the report. */
  advice: string;
}

const places: Record<Engine, Place> = {
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

export const adviceFor = (engine: Engine): string => places[engine].advice;

/** The engine's browser on this machine, fetched first where there is none and one can be had. */
export const findBrowser = (engine: Engine): Browser | undefined => {
  const { variable, candidates, download } = places[engine];
  const named = process.env[variable];
  let executablePath = named ? onPath(named) : candidates.map(onPath).find(Boolean);
  if (engine === 'webkit') {
    if (!onPath('WebKitWebDriver') || !onPath('Xvfb')) return undefined;
    return executablePath ? { engine, executablePath, version: 'WebKitGTK' } : undefined;
  }
  if (!executablePath && !named && download) executablePath = fetchBrowser(download);
  return executablePath
    ? { engine, executablePath, version: versionOf(executablePath) }
    : undefined;
};

/**
 * What runs the tests in Chromium's engine where it is there: it has none of a browser's own windows and
 * services, and tests take a third to a half of the time in it. What it lacks, tests ask the browser itself for.
 */
export const chromiumShell = (): string | undefined =>
  process.env[places.chromium.variable] ? undefined : onPath('chromium-headless-shell');

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

/** WebKitGTK's browser for tests lies beside its libraries, in a folder with its version. */
function miniBrowsers(): string[] {
  const below = ['/usr/lib', '/usr/libexec'].flatMap((folder) => [
    folder,
    ...subfolders(folder).filter((path) => path.endsWith('-linux-gnu')),
  ]);
  return below
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

/** By puppeteer's installer, into its usual cache; what is there already is not fetched again. */
const fetchBrowser = (name: string): string | undefined => {
  console.log(`Looking for ${name} with puppeteer's installer, as there is none on this machine …`);
  const { status, stdout, stderr } = spawnSync(
    'node_modules/.bin/puppeteer',
    ['browsers', 'install', name, '--format', '{{path}}'],
    { encoding: 'utf8', timeout: 240_000, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const path = stdout.trim().split('\n').at(-1) ?? '';
  if (status === 0 && isExecutable(path)) return path;
  const reason = stderr.split('\n').findLast((line) => /^(Error| +- )/.test(line));
  console.log(`It could not be had: ${reason?.trim() ?? 'no answer within four minutes'}`);
  return undefined;
};

export interface WebKitDriver {
  port: number;
  version: string;
  stop(): Promise<void>;
}

/** WebKit's driver and the screen that it draws on. */
export const startWebKitDriver = async (
  { executablePath }: Browser,
  { size = '1280x1024', canBeDrawn = false } = {},
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
        throw new Error('Xvfb ended before it had a screen');
      }),
    ])) as [Buffer];
    const environment = {
      DISPLAY: `:${String(display).trim()}`,
      GDK_BACKEND: 'x11',
      // WebKit's sandbox cannot be had as root; there is no graphics card on CI.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
      // Takes less time, and WebKitGTK 2.50 then never answers when it is asked for a picture.
      ...(canBeDrawn ? {} : { WEBKIT_DISABLE_COMPOSITING_MODE: '1' }),
      LIBGL_ALWAYS_SOFTWARE: '1',
    };
    const port = await getPort();
    const driver = start('WebKitWebDriver', [`--port=${String(port)}`], {
      stdio: 'ignore',
      env: { ...process.env, ...environment },
    });
    const version = versionOf(executablePath, environment);
    await answering(`http://127.0.0.1:${String(port)}/status`);
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

const answering = async (url: string): Promise<void> => {
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
