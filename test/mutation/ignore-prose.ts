import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';
import type { NodePath } from '@stryker-mutator/api/ignore';

/** The parts of a syntax node that decide whether it is prose. */
interface Literal {
  type: string;
  value?: unknown;
  quasis?: { value: { raw: string } }[];
  expressions?: { type: string }[];
}

/** Three words in a row, as in a sentence. Doesn't match names, lists of tokens or CSS. */
const prose = /\p{L}[\p{L}'’,:-]* [\p{L}'’-]+,? \p{L}/u;
/**
 * Expressions that a sentence only inserts. Templates with others, such as `? :`, contain logic, so they are mutated.
 */
const insertedExpressions = ['Identifier', 'MemberExpression', 'CallExpression'];

/**
 * Doesn't mutate sentences for people. They outnumber everything else here, and tests check an error's code, not its
 * text, so such mutants would survive without meaning anything.
 */
const shouldIgnore = (path: NodePath): string | undefined => {
  const { type, value, quasis, expressions } = (path as { node: Literal }).node;
  const text =
    type === 'StringLiteral'
      ? String(value)
      : type === 'TemplateLiteral' &&
          expressions?.every((part) => insertedExpressions.includes(part.type))
        ? (quasis ?? []).map((part) => part.value.raw).join('it')
        : '';
  return prose.test(text) ? 'a sentence for people' : undefined;
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'prose', { shouldIgnore })];
