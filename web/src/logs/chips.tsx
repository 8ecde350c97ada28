import type { ReactNode } from 'react';
import { highlightParts } from './highlight.ts';
import css from './log-list.module.css';

/** What one line shows of a value; the whole is one click away. Keeps a megabyte out of a row. */
export const maxShownChars = 2000;
export const maxChipChars = 200;
const maxChips = 16;

export const markClasses: readonly (string | undefined)[] = [
  css.mark,
  css.mark1,
  css.mark2,
  css.mark3,
  css.mark4,
];

/** The keys in which JSON loggers put what a person reads first. */
const mainKeys = new Set(['message', 'msg', 'log', 'error', 'err']);
/** Shown by the line itself. */
const skippedKeys = new Set([
  'time',
  'timestamp',
  'ts',
  '@timestamp',
  'level',
  'severity',
  'lvl',
  '_p',
]);
/** The same on every line of an audit log, or of interest to nobody who skims: they come last. */
const quietKeys = new Set(['kind', 'apiVersion', 'auditID', 'stage', 'stream', 'logtag']);

type Fields = readonly (readonly [string, string])[];

/** How a JSON message is told in one line: its sentence first, then `key=value` each. */
export function chipsOf(fields: Fields): {
  readonly main: Fields;
  readonly chips: Fields;
  /** Fields that are left out. */
  readonly more: number;
} {
  const main: (readonly [string, string])[] = [];
  const loud: (readonly [string, string])[] = [];
  const quiet: (readonly [string, string])[] = [];
  for (const field of fields) {
    const key = field[0];
    if (mainKeys.has(key)) main.push(field);
    else if (quietKeys.has(key)) quiet.push(field);
    else if (!skippedKeys.has(key)) loud.push(field);
  }
  const rest = quiet.length === 0 ? loud : loud.concat(quiet);
  return { main, chips: rest.slice(0, maxChips), more: Math.max(0, rest.length - maxChips) };
}

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
