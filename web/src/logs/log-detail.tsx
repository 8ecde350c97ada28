import { Braces, Copy, Filter, FilterX, Link2, ListTree } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMessages } from '../i18n/messages.ts';
import { useFormat } from '../i18n/use-format.ts';
import { Button } from '../ui/button.tsx';
import { copyText } from '../ui/toast.tsx';
import { Marked } from './chips.tsx';
import css from './log-list.module.css';
import { type LogRow, parseRow } from './log-row.ts';
import { logWords } from './words.ts';

export interface LogDetailProps {
  readonly row: LogRow;
  readonly terms: readonly string[];
  /** Absent: this list cannot be filtered by fields. */
  readonly onFilter?: ((field: string, value: string, mode: 'in' | 'out') => void) | undefined;
  readonly onContext?: ((row: LogRow) => void) | undefined;
  /** A link that opens this very line. */
  readonly linkOf?: ((row: LogRow) => string) | undefined;
  /** What a query made of the event, shown before the event's own fields. */
  readonly extra?: readonly (readonly [string, string])[];
  /** Fields of the event that `extra` has already. */
  readonly skip?: ReadonlySet<string>;
  readonly moreActions?: ReactNode;
}

/** Everything of one event: the fields as a table, each with filter in, filter out and copy. */
export function LogDetail(props: LogDetailProps): ReactNode {
  const { row, terms, onFilter, onContext, linkOf, extra = [], skip } = props;
  const m = useMessages(logWords);
  const f = useFormat();
  const { json } = parseRow(row);
  const fixed: (readonly [string, string, string])[] = [
    ['@timestamp', m.time, f.exactTime(row.timestampMs)],
    ...(row.ingestionMs === undefined
      ? []
      : [['@ingestionTime', m.ingested, f.exactTime(row.ingestionMs)] as const]),
    ...(row.group === undefined ? [] : [['@log', m.group, row.group] as const]),
    ...(row.stream === undefined ? [] : [['@logStream', m.stream, row.stream] as const]),
  ];
  const parsed = [
    ...extra,
    ...(row.fields ?? []),
    ...(json ?? []).filter(([name]) => skip?.has(name) !== true),
  ];
  const asJson = (): string =>
    JSON.stringify(
      {
        '@timestamp': new Date(row.timestampMs).toISOString(),
        ...(row.group === undefined ? {} : { '@log': row.group }),
        ...(row.stream === undefined ? {} : { '@logStream': row.stream }),
        ...Object.fromEntries(row.fields ?? []),
        '@message': row.message,
      },
      undefined,
      2,
    );
  const link = linkOf?.(row);
  return (
    <div className={css.detail}>
      <div className={css.actions}>
        {onContext && (
          <Button icon={ListTree} onClick={() => onContext(row)}>
            {m.context}
          </Button>
        )}
        <Button icon={Copy} look="quiet" onClick={() => void copyText(row.message)}>
          {m.copyLine}
        </Button>
        <Button icon={Braces} look="quiet" onClick={() => void copyText(asJson())}>
          {m.copyJson}
        </Button>
        {link !== undefined && (
          <Button icon={Link2} look="quiet" onClick={() => void copyText(link, m.linkCopied)}>
            {m.copyLink}
          </Button>
        )}
        {props.moreActions}
      </div>
      <table className={css.fields}>
        <tbody>
          {fixed.map(([name, label, value]) => (
            <FieldRow
              key={name}
              name={label}
              value={value}
              terms={[]}
              onFilter={
                name === '@logStream' && onFilter
                  ? (mode) => onFilter(name, value, mode)
                  : undefined
              }
            />
          ))}
          {parsed.map(([name, value]) => (
            <FieldRow
              key={name}
              name={name}
              value={value}
              terms={terms}
              onFilter={onFilter && ((mode) => onFilter(name, value, mode))}
            />
          ))}
          {json === undefined && <FieldRow name={m.message} value={row.message} terms={terms} />}
        </tbody>
      </table>
    </div>
  );
}

function FieldRow({
  name,
  value,
  terms,
  onFilter,
}: {
  readonly name: string;
  readonly value: string;
  readonly terms: readonly string[];
  readonly onFilter?: ((mode: 'in' | 'out') => void) | undefined;
}): ReactNode {
  const m = useMessages(logWords);
  return (
    <tr>
      <td className={css.tools}>
        {onFilter && (
          <>
            <Tool icon={Filter} label={m.filterIn(name)} onClick={() => onFilter('in')} />
            <Tool icon={FilterX} label={m.filterOut(name)} onClick={() => onFilter('out')} />
          </>
        )}
        <Tool icon={Copy} label={m.copyValue} onClick={() => void copyText(value)} />
      </td>
      <th scope="row">{name}</th>
      <td>
        <Marked text={value} terms={terms} />
      </td>
    </tr>
  );
}

function Tool({
  icon: Icon,
  label,
  onClick,
}: {
  readonly icon: typeof Copy;
  readonly label: string;
  readonly onClick: () => void;
}): ReactNode {
  return (
    <button type="button" className={css.tool} aria-label={label} title={label} onClick={onClick}>
      <Icon size={13} strokeWidth={1.5} aria-hidden />
    </button>
  );
}
