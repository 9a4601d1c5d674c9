import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';
import type { NodePath } from '@stryker-mutator/api/ignore';

/** What of a syntax tree is looked at here. */
interface Literal {
  type: string;
  value?: unknown;
  quasis?: { value: { raw: string } }[];
  expressions?: { type: string }[];
}

/** Three words in a row: a sentence, or a part of one. No name, no list of tokens, no CSS. */
const prose = /\p{L}[\p{L}'’,:-]* [\p{L}'’-]+,? \p{L}/u;
/** What a sentence only names. Where it decides something, as with `? :`, it is mutated with all that is in it. */
const named = ['Identifier', 'MemberExpression', 'CallExpression'];

/**
 * Leaves sentences for people as they are: there are more of them than of anything else here, tests of an error
 * hold its code and not its words, and a mutant of one would only say that.
 */
const shouldIgnore = (path: NodePath): string | undefined => {
  const { type, value, quasis, expressions } = (path as { node: Literal }).node;
  const text =
    type === 'StringLiteral'
      ? String(value)
      : type === 'TemplateLiteral' && expressions?.every((part) => named.includes(part.type))
        ? (quasis ?? []).map((part) => part.value.raw).join('it')
        : '';
  return prose.test(text) ? 'a sentence for people' : undefined;
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'prose', { shouldIgnore })];
