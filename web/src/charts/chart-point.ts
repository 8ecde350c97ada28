import type { KeyboardEvent } from 'react';
import type uPlot from 'uplot';

/** A place in a chart that somebody chose; an instant when both ends are the same. */
export interface ChartPoint {
  /** Unix ms. */
  readonly fromMs: number;
  readonly toMs: number;
  /** In the window, for a menu. */
  readonly x: number;
  readonly y: number;
  readonly series?: string | undefined;
  readonly value?: number;
}

/** Where the crosshair's line is in the window. */
export function placeIn(u: uPlot, left: number): { readonly x: number; readonly y: number } {
  const box = u.over.getBoundingClientRect();
  const top = u.cursor.top ?? -1;
  return { x: box.left + left, y: box.top + (top < 0 ? box.height / 2 : top) };
}

/** What the keyboard does on a chart. */
export interface ChartKeys {
  /** Moves the crosshair by moments. */
  readonly move: (steps: number) => void;
  /** To the next series above (1) or below (-1). */
  readonly turn: (direction: 1 | -1) => void;
  readonly open: () => void;
  readonly leave: () => void;
}

export function chartKeys(event: KeyboardEvent, keys: ChartKeys | undefined): void {
  if (keys === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  const far = event.shiftKey ? 10 : 1;
  const action: (() => void) | undefined = {
    ArrowLeft: () => keys.move(-far),
    ArrowRight: () => keys.move(far),
    ArrowUp: () => keys.turn(1),
    ArrowDown: () => keys.turn(-1),
    Enter: keys.open,
    Escape: keys.leave,
  }[event.key];
  if (action === undefined) return;
  if (event.key !== 'Escape') {
    event.preventDefault();
    event.stopPropagation();
  }
  action();
}
