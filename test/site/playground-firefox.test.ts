import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import puppeteer, { type Browser, type Target } from 'puppeteer';
import { adviceFor, findBrowser } from '../runner/browsers.js';
import { StaticSite } from './static-site.js';

let browser: Browser;
let site: StaticSite;

before(async () => {
  const firefox = findBrowser('firefox');
  if (!firefox) throw new Error(`This test needs Firefox: ${adviceFor('firefox')}`);
  const { executablePath } = firefox;
  [browser, site] = await Promise.all([
    puppeteer.launch({ browser: 'firefox', executablePath }),
    StaticSite.start(),
  ]);
});

after(async () => {
  await browser.close();
  await site.stop();
});

it('the playground connects and stores an account in Firefox', async () => {
  const page = await browser.newPage();
  const consoleErrors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') consoleErrors.push(message.text());
  });
  page.on('pageerror', (error) => consoleErrors.push(String(error)));
  await page.goto(`${site.address}/playground/#selected-connection=Gmail`);
  await page.locator('#events [data-event="pica-load"]').wait();
  await page.locator('#preview pica-connect-button').click();
  const frame = await (await page.waitForSelector('#event-link'))?.contentFrame();
  if (!frame) throw new Error("Puppeteer can't access AuthKit's frame.");
  const opened = new Promise<Target>((resolve) => browser.once('targetcreated', resolve));
  await frame.locator('::-p-text(Continue to Gmail)').click();
  const popup = await (await opened).page();
  await popup?.locator('::-p-text(Allow)').click();
  await frame.locator('::-p-text(Done)').click();
  await page.locator('#preview pica-connections-list >>> [part="list"] ::-p-text(Gmail)').wait();
  assert.deepEqual(consoleErrors, []);
});
