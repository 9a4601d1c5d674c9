import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Hono } from 'hono';
import ts from 'typescript';

/**
 * Serves a folder's styles and scripts, read once at the start. The scripts are TypeScript so that the project's type
 * check covers them. Stripping the types is the only build step they need.
 */
export function browserFiles(folder: URL) {
  const files = new Map<string, { body: string; type: string }>();
  const root = fileURLToPath(folder);
  for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const name = path.replaceAll('\\', '/');
    if (extname(name) === '.css') {
      files.set(name, { body: readFileSync(join(root, path), 'utf8'), type: 'text/css' });
    } else if (extname(name) === '.ts') {
      files.set(name.replace(/\.ts$/, '.js'), {
        body: stripTypes(readFileSync(join(root, path), 'utf8')),
        type: 'text/javascript',
      });
    }
  }

  return new Hono().get('/:name{.+}', (c) => {
    const file = files.get(c.req.param('name'));
    if (!file) return c.notFound();
    return c.body(file.body, 200, { 'content-type': `${file.type}; charset=utf-8` });
  });
}

const stripTypes = (source: string) =>
  ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  }).outputText;
