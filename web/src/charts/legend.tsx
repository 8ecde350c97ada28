import { type ReactNode, useMemo, useState } from 'react';
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
    <section className={css.legend} tabIndex={0} aria-label={m.name}>
      <table>
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
          {rows.map((row) => {
            const isOff = isolated.length > 0 && !isolated.includes(row.name);
            return (
              <tr key={row.name} className={isOff ? css.off : undefined}>
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
        </tbody>
      </table>
    </section>
  );
}
