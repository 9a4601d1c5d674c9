import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseTemplate } from '@angular/compiler';
import type { Browser, Page } from 'playwright-core';
import { compile } from 'svelte/compiler';
import ts from 'typescript';
import { compileScript, compileTemplate, parse } from 'vue/compiler-sfc';
import { controlsFor } from '../../demo/app/pages/playground/controls.js';
import { settingsIn } from '../../demo/app/pages/playground/settings.js';
import { snippets } from '../../demo/app/pages/playground/snippets.js';
import {
  propertiesOf,
  elementSettingsOf,
} from '../../demo/app/pages/playground/element-settings.js';
import { launch } from '../end-to-end/chromium.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const controls = controlsFor(['en', 'de']);

/** Contains every character that has a meaning in some template language. */
const specialCharacters = '<b> & "quotes" \'single\' {braces} {{more}} @if `${tick}` \\ back';

const allSettings = new URLSearchParams({
  'selected-connection': specialCharacters,
  'company-name': specialCharacters,
  label: specialCharacters,
  heading: specialCharacters,
  empty: specialCharacters,
  'token-headers': '{"x-user":"it\'s <me>"}',
  debug: 'true',
  'show-name-input': 'true',
  disabled: 'true',
  timeout: '7',
  'app-theme': 'dark',
  outbox: 'off',
  theme: 'forest',
  '--pica-accent': 'rgb(1 2 3)',
  scheme: 'dark',
  dir: 'rtl',
}).toString();

const addresses = { 'with the initial settings': '', 'with other settings': allSettings };

function write(framework: string, address: string): string {
  const { settings, ignored } = settingsIn(address, controls);
  assert.deepEqual(ignored, []);
  const snippet = snippets.find(({ name }) => name === framework);
  assert.ok(snippet, framework);
  return snippet.write({
    elements: elementSettingsOf(settings, controls),
    properties: propertiesOf(settings, controls),
    lang: settings.get('lang') ?? 'en',
    dir: settings.get('dir') ?? 'ltr',
    scheme: settings.get('scheme') ?? 'auto',
  });
}

/** The attributes and texts that each element must have, in every framework. */
const expected = (address: string) => {
  const { settings } = settingsIn(address, controls);
  return elementSettingsOf(settings, controls).map(({ tag, attributes, slots }) => ({
    tag,
    attributes: Object.fromEntries(
      attributes.map(({ name, kind, value }) => [name, kind === 'switch' ? '' : value]),
    ),
    text: slots.map(({ text }) => text),
  }));
};

for (const [settings, address] of Object.entries(addresses)) {
  describe(`the playground's code ${settings}`, () => {
    let browser: Browser;
    let page: Page;
    before(async () => {
      browser = await launch();
      page = await browser.newPage();
    });
    after(() => browser.close());

    /** Opens a page that consists of the snippet, with the one-file build as its script. */
    async function render(framework: string): Promise<void> {
      const script = await readFile(`${root}dist/pica-connect.min.js`, 'utf8');
      await page.route('**/*', (route) => {
        const url = route.request().url();
        if (url.endsWith('.js'))
          return route.fulfill({ contentType: 'text/javascript', body: script });
        if (!url.endsWith('/page')) return route.fulfill({ json: { rows: [] } });
        const body = `<!doctype html><body>${write(framework, address)}`;
        return route.fulfill({ contentType: 'text/html', body });
      });
      await page.goto('https://host.example/page', { waitUntil: 'load' });
    }

    it('is HTML that creates the elements', async () => {
      await render('HTML');
      const actual = await page.evaluate(() =>
        ['pica-connect-button', 'pica-connections-list'].map((tag) => {
          const element = document.querySelector(tag);
          const attributes = [...(element?.attributes ?? [])]
            .filter(({ name }) => !['status', 'busy', 'dir'].includes(name))
            .map(({ name, value }) => [name, value] as const);
          return {
            tag,
            isDefined: element?.shadowRoot != null,
            attributes: Object.fromEntries(attributes),
            text: [...(element?.childNodes ?? [])]
              .map((node) => node.textContent?.trim() ?? '')
              .filter(Boolean),
          };
        }),
      );
      assert.deepEqual(
        actual,
        expected(address).map((subject) => ({ ...subject, isDefined: true })),
      );
    });

    it('is HTML whose styles apply to the elements', async () => {
      await render('HTML');
      const accent = await page
        .locator('pica-connect-button')
        .evaluate((button) => getComputedStyle(button).getPropertyValue('--pica-accent'));
      assert.equal(accent, address ? 'rgb(1 2 3)' : '');
    });

    it('is WordPress placeholders with shared attributes on the script tag', async () => {
      await render('WordPress');
      await page.locator('div > pica-connections-list').waitFor();
      assert.equal(await page.locator('div > pica-connect-button').count(), 1);
      const shared = await page.evaluate(() =>
        Object.fromEntries(
          [...(document.querySelector('script[data-placeholders]')?.attributes ?? [])]
            .filter(({ name }) => name.startsWith('data-') && name !== 'data-placeholders')
            .map(({ name, value }) => [name.slice(5), value]),
        ),
      );
      const placeholders = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('[data-pica-connect]')].map((element) => ({
          kind: element.dataset.picaConnect,
          attributes: Object.fromEntries(
            [...element.attributes]
              .filter(({ name }) => name.startsWith('data-') && name !== 'data-pica-connect')
              .map(({ name, value }) => [name.slice(5), value]),
          ),
        })),
      );
      assert.deepEqual(
        placeholders,
        expected(address).map(({ tag, attributes }) => ({
          kind: tag === 'pica-connect-button' ? 'button' : 'list',
          attributes: Object.fromEntries(
            Object.entries(attributes).filter(([name]) => !(name in shared)),
          ),
        })),
      );
    });

    it('is WordPress placeholders without URLs and headers', () => {
      const [, posts = ''] = write('WordPress', address).split('</script>');
      assert.doesNotMatch(posts, /data-(token|request|connections)/);
      assert.match(
        write('WordPress', address),
        /<script[^>]* data-token-url="\/api\/authkit\/token"/,
      );
    });

    it('is a React component that matches the types of pica-connect/react', () => {
      assert.deepEqual(typeErrors(write('React', address)), []);
    });

    it('is a Vue component that compiles', () => {
      const source = write('Vue', address);
      const { descriptor, errors } = parse(source);
      assert.deepEqual(errors, []);
      compileScript(descriptor, { id: 'connections' });
      const template = compileTemplate({
        id: 'connections',
        filename: 'Connections.vue',
        source: descriptor.template?.content ?? '',
        compilerOptions: { isCustomElement: (tag) => tag.startsWith('pica-') },
      });
      assert.deepEqual(template.errors, []);
      if (address)
        assert.ok(template.code.includes(JSON.stringify(specialCharacters)), template.code);
    });

    it('is an Angular component whose template parses', () => {
      const component = write('Angular', address);
      const literal = /template: (`[^`]*`)/.exec(component)?.[1] ?? '';
      assert.equal(
        ts.transpileModule(component, { reportDiagnostics: true }).diagnostics?.length,
        0,
      );
      const { errors, nodes } = parseTemplate(literal.slice(1, -1), 'connections.html');
      assert.equal(errors, null);
      const elements = nodes.filter((node) => 'attributes' in node && 'inputs' in node);
      assert.equal(elements.length, 2);
      const text = JSON.stringify(elements, (key, value: unknown) =>
        key.endsWith('pan') ? '' : value,
      );
      if (address) assert.ok(text.includes(JSON.stringify(specialCharacters)), text);
    });

    it('is a Svelte component that compiles', () => {
      const { warnings, js } = compile(write('Svelte', address), { generate: 'client' });
      assert.deepEqual(
        warnings.map(({ code }) => code),
        [],
      );
      assert.ok(js.code.includes('pica-connect-button'));
    });
  });
}

/** TypeScript's errors in a component that imports the package. */
function typeErrors(component: string): string[] {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const file = `${root}test/end-to-end/snippet.tsx`;
  const { options } = ts.parseJsonConfigFileContent(
    {
      compilerOptions: {
        ...config.compilerOptions,
        jsx: 'react-jsx',
        paths: { 'pica-connect/react': ['./src/frameworks/react.ts'] },
        types: [],
      },
      files: [],
    },
    ts.sys,
    root,
  );
  const host = ts.createCompilerHost(options);
  const fileExists = host.fileExists.bind(host);
  const getSourceFile = host.getSourceFile.bind(host);
  host.fileExists = (path) => path === file || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === file
      ? ts.createSourceFile(path, component, ts.ScriptTarget.ES2022, true)
      : getSourceFile(path, ...rest);
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file);
  return [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
