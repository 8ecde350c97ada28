import type { ReactNode } from 'react';
import { chipsOf, type Fields } from './chip-fields.ts';
import { highlightParts } from './highlight.ts';
import css from './log-list.module.css';

/** What one line shows of a value; the whole is one click away. Keeps a megabyte out of a row. */
export const maxShownChars = 2000;
export const maxChipChars = 200;

export const markClasses: readonly (string | undefined)[] = [
  css.mark,
  css.mark1,
  css.mark2,
  css.mark3,
  css.mark4,
];

export function Chips({
  fields,
  terms,
}: {
  readonly fields: Fields;
  readonly terms: readonly string[];
}): ReactNode {
  const { main, chips, more } = chipsOf(fields);
  return (
    <>
      {main.map(([key, value]) => (
        <span key={key} className={css.main}>
          <Marked text={value.slice(0, maxShownChars)} terms={terms} />
        </span>
      ))}
      {chips.map(([key, value]) => (
        <span key={key} className={css.chip}>
          <span className={css.key}>{key}=</span>
          <Marked text={value.slice(0, maxChipChars)} terms={terms} />
        </span>
      ))}
      {more > 0 && <span className={css.more}>+{more}</span>}
    </>
  );
}

export function Marked({
  text,
  terms,
}: {
  readonly text: string;
  readonly terms: readonly string[];
}): ReactNode {
  if (terms.length === 0) return text;
  const parts = highlightParts(text, terms);
  return parts.map((part, index) =>
    part.marked === -1 ? (
      part.text
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text have no other identity.
      <mark key={index} className={markClasses[part.marked % markClasses.length]}>
        {part.text}
      </mark>
    ),
  );
}
