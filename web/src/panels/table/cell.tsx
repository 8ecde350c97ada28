import {
  type DataFrame,
  type DisplayValue,
  FieldType,
  formattedValueToString,
} from '@grafana/data';
import { marked } from 'marked';
import type { CSSProperties, ReactNode } from 'react';
import type { TableColumn } from '../../../../src/dashboards/fields/models/table-model.ts';
import { token } from '../../charts/colors.ts';
import { readable, textOn } from '../shared/contrast.ts';
import { sparklinePaths } from '../stat/stat-sparkline.tsx';
import { safeHtml } from '../text/text.tsx';
import { CellBar } from './cell-bar.tsx';
import css from './table.module.css';

/** What a cell's box looks like: its colours, where its kind has any. */
export function cellStyle(column: TableColumn, shown: DisplayValue | undefined): CSSProperties {
  const { options } = column;
  const color = shown?.color;
  if (color === undefined || color === '') return {};
  if (options.cell === 'color-text') return { color: readable(color, token('--raised')) };
  if (options.cell !== 'color-background') return {};
  return {
    color: textOn(color),
    background: options.isGradient
      ? `linear-gradient(to right, ${color}, color-mix(in oklch, ${color} 70%, var(--raised)))`
      : color,
  };
}

/** What stands in a cell. */
export function CellContent({
  column,
  row,
  widthPx,
  heightPx,
}: {
  readonly column: TableColumn;
  readonly row: number;
  readonly widthPx: number;
  readonly heightPx: number;
}): ReactNode {
  const { field, options } = column;
  const value: unknown = field.values[row];
  const shown = field.display?.(value);
  const text = shown === undefined ? String(value ?? '') : formattedValueToString(shown);
  const inner = contentOf(column, row, value, shown, text, widthPx, heightPx);
  const links = field.config.links?.length ? (field.getLinks?.({ valueRowIndex: row }) ?? []) : [];
  if (links.length === 0) return inner;
  if (options.cell === 'data-links' || links.length > 1) {
    return (
      <span className={css.links}>
        {options.cell !== 'data-links' && inner}
        {links.map((link) => (
          <a key={`${link.title} ${link.href}`} href={link.href} {...newTab(link.target)}>
            {link.title === '' ? text : link.title}
          </a>
        ))}
      </span>
    );
  }
  const [link] = links;
  return (
    <a href={link?.href} title={link?.title} className={css.link} {...newTab(link?.target)}>
      {inner}
    </a>
  );
}

function newTab(target: string | undefined): { target?: string; rel?: string } {
  return target === '_blank' ? { target: '_blank', rel: 'noreferrer' } : {};
}

function contentOf(
  column: TableColumn,
  row: number,
  value: unknown,
  shown: DisplayValue | undefined,
  text: string,
  widthPx: number,
  heightPx: number,
): ReactNode {
  const { options, field } = column;
  switch (options.cell) {
    case 'gauge':
      return shown === undefined ? (
        text
      ) : (
        <CellBar
          field={field}
          shown={shown}
          text={text}
          mode={options.barMode}
          valueMode={options.valueMode}
          widthPx={widthPx}
          heightPx={heightPx}
        />
      );
    case 'sparkline':
      return (
        <CellSparkline
          value={value}
          column={column}
          color={shown?.color}
          widthPx={widthPx}
          heightPx={heightPx}
        />
      );
    case 'image':
      return typeof value === 'string' ? (
        <img className={css.image} src={value} alt={text} />
      ) : (
        text
      );
    case 'json-view':
      return <code className={css.json}>{jsonText(value, text)}</code>;
    case 'markdown':
      return (
        <span
          className={css.markdown}
          // biome-ignore lint/security/noDangerouslySetInnerHtml: what DOMPurify let through.
          dangerouslySetInnerHTML={{
            __html: safeHtml(marked.parseInline(String(value ?? ''), { async: false }), 'html'),
          }}
        />
      );
    case 'pill':
      return <Pills value={value} field={field} row={row} />;
    default:
      // A frame in a cell is a series: there is nothing but its shape to show.
      return field.type === FieldType.frame ? (
        <CellSparkline
          value={value}
          column={column}
          color={shown?.color}
          widthPx={widthPx}
          heightPx={heightPx}
        />
      ) : typeof value === 'object' && value !== null ? (
        <code className={css.json}>{jsonText(value, text)}</code>
      ) : (
        text
      );
  }
}

function jsonText(value: unknown, text: string): string {
  if (typeof value === 'object') return JSON.stringify(value);
  try {
    return JSON.stringify(JSON.parse(String(value)));
  } catch {
    return text;
  }
}

function Pills({
  value,
  field,
}: {
  readonly value: unknown;
  readonly field: TableColumn['field'];
  readonly row: number;
}): ReactNode {
  const texts = Array.isArray(value)
    ? value.map(String)
    : String(value ?? '')
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
  return (
    <span className={css.pills}>
      {texts.map((text) => {
        const color = field.display?.(text).color;
        return (
          <span
            key={text}
            className={css.pill}
            style={color === undefined ? {} : { background: color, color: textOn(color) }}
          >
            {text}
          </span>
        );
      })}
    </span>
  );
}

function CellSparkline({
  value,
  column,
  color,
  widthPx,
  heightPx,
}: {
  readonly value: unknown;
  readonly column: TableColumn;
  readonly color: string | undefined;
  readonly widthPx: number;
  readonly heightPx: number;
}): ReactNode {
  const frame = value as DataFrame | null;
  const y = frame?.fields?.find((field) => field.type === FieldType.number);
  if (y === undefined) return null;
  const x = frame?.fields.find((field) => field.type === FieldType.time);
  const last: unknown = (frame as { readonly value?: unknown }).value ?? y.values.at(-1);
  const shown = column.options.hidesValue ? undefined : y.display?.(last);
  const width = Math.max(20, widthPx - 16 - (shown === undefined ? 0 : 72));
  const height = heightPx - 8;
  const paths = sparklinePaths({ y, ...(x === undefined ? {} : { x }) }, width, height);
  if (paths === undefined) return null;
  const ink = y.display?.(y.values.at(-1)).color ?? color ?? token('--series-count');
  return (
    <span className={css.cellBar}>
      <svg width={width} height={height} aria-hidden>
        <path d={paths.area} fill={ink} opacity={0.15} />
        <path d={paths.line} fill="none" stroke={ink} strokeWidth={1.25} />
      </svg>
      {shown !== undefined && <span className={css.barValue}>{formattedValueToString(shown)}</span>}
    </span>
  );
}
