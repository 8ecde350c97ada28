import { GripVertical } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef } from 'react';
import { classNames } from './class-names.ts';
import css from './sortable-list.module.css';

export interface SortableListProps<T> {
  readonly items: readonly T[];
  readonly keyOf: (item: T, index: number) => string;
  /** What the grip of an item is called. */
  readonly gripLabel: (item: T) => string;
  /** While something is dragged it is called at each place that is passed. */
  readonly onMove: (from: number, to: number) => void;
  readonly className?: string | undefined;
  /** The grip stands where the item wants it. */
  readonly children: (item: T, index: number, grip: ReactNode) => ReactNode;
}

/** A list in an order that people choose: by dragging the grips, or with the arrow keys on them. */
export function SortableList<T>(props: SortableListProps<T>): ReactNode {
  const { items, keyOf, gripLabel, onMove, className, children } = props;
  const list = useRef<HTMLUListElement>(null);
  const dragged = useRef<number>(undefined);
  const focusGrip = (index: number): void => {
    requestAnimationFrame(() => {
      const row = list.current?.children[index];
      row?.querySelector<HTMLElement>('[data-sort-grip]')?.focus();
    });
  };
  const onKeyDown = (event: KeyboardEvent, index: number): void => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const to = index + (step ?? 0);
    if (step === undefined) return;
    event.preventDefault();
    if (to < 0 || to >= items.length) return;
    onMove(index, to);
    focusGrip(to);
  };
  const onPointerMove = (event: PointerEvent): void => {
    const from = dragged.current;
    if (from === undefined || list.current === null) return;
    const to = placeAt(list.current, event.clientY);
    if (to === from || to === undefined) return;
    dragged.current = to;
    onMove(from, to);
  };
  const stop = (): void => {
    dragged.current = undefined;
  };
  return (
    <ul ref={list} className={classNames(css.list, className)}>
      {items.map((item, index) => {
        const grip = (
          <button
            type="button"
            data-sort-grip
            className={css.grip}
            aria-label={gripLabel(item)}
            onKeyDown={(event) => onKeyDown(event, index)}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              dragged.current = index;
            }}
            onPointerMove={onPointerMove}
            onPointerUp={stop}
            onPointerCancel={stop}
          >
            <GripVertical size={14} strokeWidth={1.5} aria-hidden />
          </button>
        );
        return (
          <li key={keyOf(item, index)} className={css.item}>
            {children(item, index, grip)}
          </li>
        );
      })}
    </ul>
  );
}

/** The row that the pointer is over; above the first it is the first, below the last the last. */
function placeAt(list: HTMLElement, clientY: number): number | undefined {
  const rows = [...list.children].map((row) => row.getBoundingClientRect());
  if (rows.length === 0) return undefined;
  const at = rows.findIndex(({ bottom }) => clientY < bottom);
  return at === -1 ? rows.length - 1 : at;
}
