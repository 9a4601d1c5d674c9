import { chromium, type Browser, type LaunchOptions } from 'playwright-core';

/** Starts the full browser. The headless shell has no back/forward cache and no local network access checks. */
export function browserOptions(...switches: string[]): LaunchOptions {
  return {
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', ...switches],
  };
}

/** Starts Chromium's headless shell if CHROMIUM_SHELL_PATH names it, or the full browser. */
export function launch(...switches: string[]): Promise<Browser> {
  const options = browserOptions(...switches);
  const executablePath = process.env.CHROMIUM_SHELL_PATH ?? options.executablePath;
  return chromium.launch({ ...options, executablePath });
}
