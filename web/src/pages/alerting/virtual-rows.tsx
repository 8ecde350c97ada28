import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type ReactNode, useRef, useState } from 'react';
import { useListKeys } from '../../keys/list-keys.ts';
import css from './virtual-rows.module.css';

export interface VirtualRowsProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly rowHeight: number;
  readonly rowKey: (row: Row) => string;
  readonly onOpen: (row: Row) => void;
  /** Given where the row stands, and whether the keyboard is on it. */
  readonly children: (row: Row, style: CSSProperties, isActive: boolean) => ReactNode;
}

/** Rows of one height; only those in sight exist. `j` `k` move, Enter opens. */
export function VirtualRows<Row>(props: VirtualRowsProps<Row>): ReactNode {
  const { label, rows, rowHeight, rowKey, onOpen, children } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(-1);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rowKey(rows[index] as Row),
    overscan: 12,
  });
  useListKeys({
    count: rows.length,
    active,
    onMove: (index) => {
      setActive(index);
      virtual.scrollToIndex(index);
    },
    onOpen: (index) => {
      const row = rows[index];
      if (row !== undefined) onOpen(row);
    },
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take focus.
    <section ref={scroll} className={css.list} tabIndex={0} aria-label={label}>
      <div className={css.rows} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => (
          <div key={item.key} style={{ display: 'contents' }}>
            {children(
              rows[item.index] as Row,
              { transform: `translateY(${item.start}px)`, height: rowHeight },
              item.index === active,
            )}
          </div>
        ))}
      </div>
    </section>
  );
}
