import type { Browser, BrowserContextOptions } from 'playwright-core';
import { DemoPage } from './demo-page.js';

export type User = 'ada' | 'grace';

export interface OpenOptions extends BrowserContextOptions {
  user?: User;
}

/** Opens the demo's page in a new browser context and signs in. */
export async function openDemo(
  browser: Browser,
  origin: string,
  { user = 'ada', ...options }: OpenOptions = {},
): Promise<DemoPage> {
  const context = await browser.newContext({ baseURL: origin, ...options });
  // Nothing here takes long, so a test that waits for something that never comes should fail soon.
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  await page.goto('/');
  const demo = new DemoPage(page);
  await demo.signIn(user);
  return demo;
}
