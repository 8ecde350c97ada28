/** How same boxes are laid out so that each is as large as can be. */
export interface GridLayout {
  readonly columns: number;
  readonly rows: number;
  readonly cellWidthPx: number;
  readonly cellHeightPx: number;
}

/** The number of columns whose cells come nearest to the wanted shape (width by height). */
export function gridLayout(
  count: number,
  widthPx: number,
  heightPx: number,
  gapPx: number,
  shape: number,
  orientation: 'auto' | 'horizontal' | 'vertical' = 'auto',
): GridLayout {
  const of = (columns: number): GridLayout => {
    const rows = Math.ceil(count / columns);
    return {
      columns,
      rows,
      cellWidthPx: Math.floor((widthPx - gapPx * (columns - 1)) / columns),
      cellHeightPx: Math.floor((heightPx - gapPx * (rows - 1)) / rows),
    };
  };
  if (count <= 1) return of(1);
  // In Grafana's words a horizontal panel has its values below each other.
  if (orientation === 'horizontal') return of(1);
  if (orientation === 'vertical') return of(count);
  let best = of(1);
  let bestSize = -1;
  for (let columns = 1; columns <= count; columns++) {
    const layout = of(columns);
    const size = Math.min(layout.cellWidthPx / shape, layout.cellHeightPx);
    if (size > bestSize) {
      best = layout;
      bestSize = size;
    }
  }
  return best;
}
