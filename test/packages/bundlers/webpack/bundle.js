import { basename, dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import webpack from 'webpack';

const [entry, file] = process.argv.slice(2);
const compiler = webpack({
  mode: 'production',
  entry: resolve(entry),
  output: { path: resolve(dirname(file)), filename: basename(file) },
});
const stats = await promisify(compiler.run.bind(compiler))();
if (stats.hasErrors()) throw new Error(stats.toString('errors-only'));
const { modules } = stats.toJson({
  all: false,
  modules: true,
  nestedModules: true,
  modulesSpace: Infinity,
  nestedModulesSpace: Infinity,
});
const paths = modules
  .flatMap((module) => module.modules ?? [module])
  .filter(({ orphan }) => !orphan)
  .map(({ nameForCondition }) => nameForCondition);
console.log(JSON.stringify(paths));
