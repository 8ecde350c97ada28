import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { tags } from '@lezer/highlight';
import { LanguageType, promQLLanguage } from '@prometheus-io/codemirror-promql';

const style = HighlightStyle.define([
  { tag: tags.operatorKeyword, color: 'var(--accent-text)', fontWeight: '600' },
  { tag: [tags.modifier, tags.logicOperator], color: 'var(--accent-text)' },
  { tag: tags.function(tags.variableName), color: 'var(--info)' },
  { tag: tags.labelName, color: 'var(--text-2)' },
  { tag: tags.string, color: 'var(--ok)' },
  { tag: tags.number, color: 'var(--warning)' },
  { tag: tags.comment, color: 'var(--text-3)', fontStyle: 'italic' },
  { tag: tags.variableName, color: 'var(--text)' },
  {
    tag: [tags.operator, tags.arithmeticOperator, tags.paren, tags.squareBracket, tags.brace],
    color: 'var(--text-3)',
  },
]);

/** The grammar of PromQL in the console's colours. */
export const promqlLanguage: Extension = [
  promQLLanguage(LanguageType.PromQL),
  syntaxHighlighting(style),
];
