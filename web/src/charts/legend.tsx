import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useMemo, useRef, useState } from 'react';
import { useMessages } from '../i18n/messages.ts';
import { type Sort, sortRows } from '../ui/table-model.ts';
import { seriesStats } from './series-stats.ts';
import css from './time-chart.module.css';
import type { TimeSeries } from './time-chart.tsx';
import { chartWords } from './words.ts';

export interface LegendProps {
  readonly series: readonly TimeSeries[];
  readonly tokens: readonly string[];
  /** Names; empty: all are shown. */
  readonly isolated: readonly string[];
  readonly onIsolate: (names: readonly string[]) => void;
  readonly format: (value: number) => string;
}

/** As in the style sheet. */
const rowHeight = 24;

const measures = ['last', 'min', 'mean', 'max'] as const;

export function Legend({ series, tokens, isolated, onIsolate, format }: LegendProps): ReactNode {
  const m = useMessages(chartWords);
  const [sort, setSort] = useState<Sort>();
  const rows = useMemo(() => {
    const all = series.map((one, index) => ({
      name: one.name,
      token: tokens[index] as string,
      stats: seriesStats(one.values),
    }));
    if (sort === undefined) return all;
    const key = measures.find((measure) => measure === sort.column);
    return sortRows(all, (row) => (key === undefined ? row.name : row.stats[key]), sort.descending);
  }, [series, tokens, sort]);
  const scroll = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 10,
    // Before it is measured: the rows of its greatest height.
    initialRect: { width: 0, height: 240 },
  });
  const items = virtual.getVirtualItems();
  const isolatedNames = useMemo(() => new Set(isolated), [isolated]);
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const toggle = (column: string): void =>
    setSort(
      sort?.column === column && !sort.descending
        ? undefined
        : { column, descending: sort?.column !== column },
    );
  const choose = (name: string, isAdding: boolean): void => {
    const isOn = isolated.includes(name);
    if (isAdding)
      onIsolate(isOn ? isolated.filter((other) => other !== name) : [...isolated, name]);
    else onIsolate(isOn && isolated.length === 1 ? [] : [name]);
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section ref={scroll} className={css.legend} tabIndex={0} aria-label={m.name}>
      <table aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {(['name', ...measures] as const).map((column) => (
              <th key={column} scope="col">
                <button type="button" onClick={() => toggle(column)}>
                  {m[column]}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr aria-hidden style={{ height: above }} />}
          {items.map((item) => {
            const row = rows[item.index] as (typeof rows)[number];
            const isOff = isolated.length > 0 && !isolatedNames.has(row.name);
            return (
              <tr
                key={row.name}
                aria-rowindex={item.index + 2}
                className={isOff ? css.off : undefined}
              >
                <td>
                  <button
                    type="button"
                    aria-pressed={!isOff}
                    title={row.name}
                    onClick={(event) => choose(row.name, event.shiftKey)}
                  >
                    <span
                      className={css.swatch}
                      style={{ background: isOff ? 'var(--line)' : `var(${row.token})` }}
                    />
                    <span className={css.legendName}>{row.name}</span>
                  </button>
                </td>
                {measures.map((measure) => (
                  <td key={measure}>
                    {row.stats[measure] === null ? '' : format(row.stats[measure])}
                  </td>
                ))}
              </tr>
            );
          })}
          {below > 0 && <tr aria-hidden style={{ height: below }} />}
        </tbody>
      </table>
    </section>
  );
}
