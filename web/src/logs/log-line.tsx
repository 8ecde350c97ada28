import { memo, type ReactNode } from 'react';
import type { Format } from '../i18n/format.ts';
import { classNames } from '../ui/class-names.ts';
import { highlightParts } from './highlight.ts';
import css from './log-list.module.css';
import { type LogRow, parseRow, streamLabel } from './log-row.ts';

export interface LogLineProps {
  readonly row: LogRow;
  readonly index: number;
  readonly format: Format;
  readonly terms: readonly string[];
  readonly showStream: boolean;
  readonly raw: boolean;
  readonly wrap: boolean;
  readonly active: boolean;
  readonly open: boolean;
  readonly levelName: string;
  readonly moreText: (size: string) => string;
}

/** What one line shows; the whole is one click away. Keeps a megabyte out of a 20 px row. */
const maxShownChars = 2000;
const maxChips = 16;

const markClasses = [css.mark, css.mark1, css.mark2, css.mark3, css.mark4];

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

/** One event as one line. `data-index` is how the list knows which line was clicked. */
export const LogLine = memo(function LogLine(props: LogLineProps): ReactNode {
  const { row, format } = props;
  const { level, json } = parseRow(row);
  return (
    <div
      data-index={props.index}
      className={classNames(
        css.line,
        css[level],
        props.wrap && css.wrap,
        props.active && css.active,
        props.open && css.opened,
      )}
    >
      <span className={css.bar} title={props.levelName} />
      <time className={css.time} title={format.exactTime(row.timestampMs)}>
        {format.logTime(row.timestampMs)}
      </time>
      {props.showStream && row.stream !== undefined && (
        <span className={css.stream} title={row.stream}>
          {streamLabel(row.stream)}
        </span>
      )}
      <span className={css.text}>
        {json !== undefined && !props.raw ? (
          <Chips fields={json} terms={props.terms} />
        ) : (
          <Text text={row.message} terms={props.terms} moreText={props.moreText} />
        )}
      </span>
    </div>
  );
});

function Text({
  text,
  terms,
  moreText,
}: {
  readonly text: string;
  readonly terms: readonly string[];
  readonly moreText: (size: string) => string;
}): ReactNode {
  const shown = text.length > maxShownChars ? text.slice(0, maxShownChars) : text;
  return (
    <>
      <Marked text={shown.replace(/\n+$/, '')} terms={terms} />
      {text.length > maxShownChars && (
        <span className={css.more}> {moreText(String(text.length - maxShownChars))}</span>
      )}
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

/** The message first, then `key=value` each. */
export function Chips({
  fields,
  terms,
}: {
  readonly fields: readonly (readonly [string, string])[];
  readonly terms: readonly string[];
}): ReactNode {
  const main = fields.filter(([key]) => mainKeys.has(key));
  const others = fields.filter(([key]) => !mainKeys.has(key) && !skippedKeys.has(key));
  const rest = [
    ...others.filter(([key]) => !quietKeys.has(key)),
    ...others.filter(([key]) => quietKeys.has(key)),
  ];
  return (
    <>
      {main.map(([key, value]) => (
        <span key={key} className={css.main}>
          <Marked text={value.slice(0, maxShownChars)} terms={terms} />
        </span>
      ))}
      {rest.slice(0, maxChips).map(([key, value]) => (
        <span key={key} className={css.chip}>
          <span className={css.key}>{key}=</span>
          <Marked text={value.slice(0, 200)} terms={terms} />
        </span>
      ))}
      {rest.length > maxChips && <span className={css.more}>+{rest.length - maxChips}</span>}
    </>
  );
}
