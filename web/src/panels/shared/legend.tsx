import { type MouseEvent, type ReactNode, useMemo, useState } from 'react';
import {
  afterClick,
  type LegendItem,
  sortItems,
} from '../../../../src/dashboards/fields/legend-items.ts';
import type { LegendOptions } from '../../../../src/dashboards/fields/legend-options.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { classNames } from '../../ui/class-names.ts';
import { panelWords } from '../words.ts';
import css from './legend.module.css';
import { ScrollGroup } from './scroll-group.tsx';

export interface LegendProps {
  readonly options: LegendOptions;
  readonly items: readonly LegendItem[];
  readonly hidden: ReadonlySet<string>;
  readonly onHidden: (hidden: ReadonlySet<string>) => void;
  /** What is hovered, so that the chart can lift it out. */
  readonly onHover?: (key: string | undefined) => void;
}

/** A click shows one series alone, or all again; with Ctrl, Cmd or Shift it hides or shows one. */
export function Legend(props: LegendProps): ReactNode {
  const { options, items } = props;
  const [sort, setSort] = useState<{ by: string; desc: boolean }>();
  const m = useMessages(panelWords);
  const f = useFormat();
  const by = sort?.by ?? options.sortBy;
  const desc = sort?.desc ?? options.sortDesc;
  const sorted = useMemo(() => sortItems(items, by, desc, m.name), [items, by, desc, m.name]);
  const shown = sorted.slice(0, options.maxItems);
  const more = sorted.length - shown.length;
  const moreText = more > 0 ? m.moreSeries(f.number(more)) : undefined;
  return options.isTable ? (
    <LegendTable
      {...props}
      items={shown}
      more={moreText}
      by={by}
      desc={desc}
      onSort={(column) => setSort({ by: column, desc: by === column ? !desc : true })}
    />
  ) : (
    <ScrollGroup className={css.list} label={m.legend}>
      {shown.map((item) => (
        <span key={item.key} className={css.item}>
          <ItemButton {...props} item={item} />
          {item.values.map((value) => (
            <span key={value.title} className={css.itemValue}>
              <span className={css.itemTitle}>{value.title}</span> {value.text}
            </span>
          ))}
        </span>
      ))}
      {moreText}
    </ScrollGroup>
  );
}

function LegendTable({
  items,
  more,
  by,
  desc,
  onSort,
  ...props
}: LegendProps & {
  readonly more: string | undefined;
  readonly by: string;
  readonly desc: boolean;
  readonly onSort: (column: string) => void;
}): ReactNode {
  const m = useMessages(panelWords);
  const titles = items[0]?.values.map((value) => value.title) ?? [];
  return (
    <ScrollGroup className={css.tableFrame} label={m.legend}>
      <table className={css.table}>
        <thead>
          <tr>
            {[m.name, ...titles].map((title) => (
              <th
                key={title}
                scope="col"
                aria-sort={by !== title ? 'none' : desc ? 'descending' : 'ascending'}
              >
                <button type="button" onClick={() => onSort(title)}>
                  {title}
                  {by === title && <span aria-hidden>{desc ? ' ↓' : ' ↑'}</span>}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.key} className={classNames(props.hidden.has(item.key) && css.off)}>
              <td>
                <ItemButton {...props} items={items} item={item} />
              </td>
              {item.values.map((value) => (
                <td key={value.title}>{value.text}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </ScrollGroup>
  );
}

function ItemButton({
  item,
  items,
  hidden,
  onHidden,
  onHover,
}: LegendProps & { readonly item: LegendItem }): ReactNode {
  const isOff = hidden.has(item.key);
  const click = (event: MouseEvent): void => {
    const isToggle = event.ctrlKey || event.metaKey || event.shiftKey;
    onHidden(afterClick(items, hidden, item.key, isToggle));
  };
  return (
    <button
      type="button"
      className={classNames(css.button, isOff && css.off)}
      aria-pressed={!isOff}
      title={item.name}
      onClick={click}
      onMouseEnter={() => onHover?.(item.key)}
      onMouseLeave={() => onHover?.(undefined)}
    >
      <span
        className={classNames(css.swatch, item.isDashed === true && css.dashed)}
        style={{ color: isOff ? 'var(--line-2)' : item.color }}
      />
      <span className={css.name}>{item.name}</span>
    </button>
  );
}
