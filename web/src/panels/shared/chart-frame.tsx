import type { ReactNode } from 'react';
import type { LegendItem } from '../../../../src/dashboards/fields/legend-items.ts';
import type { LegendOptions } from '../../../../src/dashboards/fields/legend-options.ts';
import { classNames } from '../../ui/class-names.ts';
import css from './chart-frame.module.css';

/** A chart with its legend below or beside it; the chart takes what the legend leaves. */
export function ChartFrame({
  options,
  widthPx,
  heightPx,
  legend,
  items = [],
  children,
}: {
  readonly options: LegendOptions;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Absent: nothing to explain. */
  readonly legend: ReactNode;
  /** What the legend lists: beside the chart it is as wide as they need. */
  readonly items?: readonly LegendItem[];
  readonly children: ReactNode;
}): ReactNode {
  const isShown = options.isShown && legend !== null && legend !== undefined;
  // Beside a narrow chart a legend would leave nothing of it.
  const isRight = options.placement === 'right' && widthPx >= minWidthBesidePx;
  return (
    <div
      className={classNames(css.frame, isRight && css.beside)}
      style={{ width: widthPx, height: heightPx }}
    >
      <div className={css.chart}>{children}</div>
      {isShown && (
        <div
          className={css.legend}
          style={
            isRight
              ? { width: widthBeside(options, items), maxWidth: '48%' }
              : { maxHeight: `${Math.max(minLegendPx, heightPx * legendShare)}px` }
          }
        >
          {legend}
        </div>
      )}
    </div>
  );
}

/** A table needs room for its names and its numbers; a list has what it takes. */
function widthBeside(
  { width, isTable }: LegendOptions,
  items: readonly LegendItem[],
): number | string | undefined {
  if (width !== undefined || !isTable) return width;
  const name = Math.max(0, ...items.map((item) => item.name.length));
  let widest = Math.min(maxNamePx, Math.max(minNamePx, name * charPx + swatchPx));
  for (const [at, { title }] of (items[0]?.values ?? []).entries()) {
    // The title of the column that is sorted by has an arrow beside it.
    let chars = title.length + 2;
    for (const item of items) chars = Math.max(chars, item.values[at]?.text.length ?? 0);
    widest += chars * charPx + cellPadPx;
  }
  // Values that grow by a digit with new data do not move the chart each time.
  return Math.ceil(widest / stepPx) * stepPx;
}

const charPx = 6.7;
const minNamePx = 96;
const maxNamePx = 300;
/** Colour, gaps and the scroll bar beside a name. */
const swatchPx = 46;
const cellPadPx = 16;
const stepPx = 16;
const minWidthBesidePx = 380;
const minLegendPx = 26;
const legendShare = 0.35;
