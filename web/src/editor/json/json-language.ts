import {
  HighlightStyle,
  StreamLanguage,
  type StringStream,
  syntaxHighlighting,
} from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { tags } from '@lezer/highlight';

/** One token of JSON; names of properties are told from other texts by what follows them. */
function token(stream: StringStream): string | null {
  if (stream.eatSpace()) return null;
  if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) {
    return stream.match(/^\s*:/, false) ? 'propertyName' : 'string';
  }
  if (stream.match(/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/)) return 'number';
  if (stream.match(/^(?:true|false|null)\b/)) return 'keyword';
  stream.next();
  return 'punctuation';
}

const style = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--info)' },
  { tag: tags.string, color: 'var(--ok)' },
  { tag: tags.number, color: 'var(--warning)' },
  { tag: tags.keyword, color: 'var(--accent-text)' },
  { tag: tags.punctuation, color: 'var(--text-3)' },
]);

/** JSON in the console's colours. */
export const jsonLanguage: Extension = [
  StreamLanguage.define({ name: 'json', token, startState: () => null }),
  syntaxHighlighting(style),
];
