import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import webpack from 'webpack';

const [entry, dir] = process.argv.slice(2);
const name = basename(entry, '.js');
const compiler = webpack({
  mode: 'production',
  entry: { [name]: resolve(entry) },
  output: { path: resolve(dir), filename: '[name].js' },
});
const stats = await promisify(compiler.run.bind(compiler))();
if (stats.hasErrors()) throw new Error(stats.toString('errors-only'));
const { chunks, modules, warnings } = stats.toJson({
  all: false,
  ids: true,
  warnings: true,
  chunks: true,
  modules: true,
  modulesSpace: Infinity,
  nestedModules: true,
  nestedModulesSpace: Infinity,
});
const initialChunks = chunks.filter(({ initial }) => initial);
const isInitial = ({ chunks: ids = [] }) => initialChunks.some(({ id }) => ids.includes(id));
const paths = modules
  .filter(isInitial)
  .flatMap((module) => module.modules ?? [module])
  .map(({ nameForCondition }) => nameForCondition);
const filesOf = (some) => some.flatMap((chunk) => chunk.files).map((file) => join(dir, file));
const later = filesOf(chunks.filter(({ initial }) => !initial));
console.log(JSON.stringify({ files: filesOf(initialChunks), modules: paths, later, warnings }));
