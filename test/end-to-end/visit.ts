import {
  chromium,
  type Browser,
  type BrowserContextOptions,
  type LaunchOptions,
  type Page,
} from 'playwright-core';
import { LumenPage } from './lumen-page.js';

/** How the whole browser is started, for what its shell for tests has not: kept pages, local networks. */
export function browserOptions(...switches: string[]): LaunchOptions {
  return {
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', ...switches],
  };
}

/** Starts Chromium, or its shell where that is there, with switches of a test's own where it needs some. */
export function launch(...switches: string[]): Promise<Browser> {
  const options = browserOptions(...switches);
  const executablePath = process.env.CHROMIUM_SHELL_PATH ?? options.executablePath;
  return chromium.launch({ ...options, executablePath });
}

export type User = 'ada' | 'grace';

export interface VisitOptions extends BrowserContextOptions {
  user?: User;
}

/** Opens the demo's page as somebody who was never there, and signs in. */
export async function visit(
  browser: Browser,
  origin: string,
  { user = 'ada', ...options }: VisitOptions = {},
): Promise<LumenPage> {
  const context = await browser.newContext({ baseURL: origin, ...options });
  // Nothing here takes long, and a test that waits in vain should say so soon.
  context.setDefaultTimeout(20_000);
  const page: Page = await context.newPage();
  await page.goto('/');
  const lumen = new LumenPage(page);
  await lumen.signIn(user);
  return lumen;
}
