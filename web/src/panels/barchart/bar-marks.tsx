import type { MouseEvent, ReactNode } from 'react';
import type {
  BarModel,
  BarRect,
  BarSeries,
} from '../../../../src/dashboards/fields/models/bar-model.ts';
import { textOn } from '../shared/contrast.ts';
import { type BarLayout, type BarStacking, charPx } from './bar-geometry.ts';
import css from './barchart.module.css';

interface Marks {
  readonly layout: BarLayout;
  readonly model: BarModel;
  readonly rects: readonly BarRect[];
  readonly shown: readonly BarSeries[];
}

const keyOf = (rect: BarRect): string => `${rect.category} ${rect.series.key}`;

export function Bars({
  layout,
  model,
  rects,
  shown,
  radiusShare,
  onHover,
  onLeave,
}: Marks & {
  readonly radiusShare: number;
  readonly onHover: (event: MouseEvent, rect: BarRect) => void;
  readonly onLeave: () => void;
}): ReactNode {
  return rects.map((rect) => {
    const { x, y, w, h } = layout.boxOf(rect);
    const custom = rect.series.field.config.custom as { fillOpacity?: number } | undefined;
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: the pointer only shows what the axes say.
      <rect
        key={keyOf(rect)}
        className={css.bar}
        x={x}
        y={y}
        width={w}
        height={h}
        rx={Math.min(w, h) * radiusShare}
        fill={colorOf(model, rect, shown)}
        fillOpacity={Number(custom?.fillOpacity ?? 80) / 100}
        onMouseMove={(event) => onHover(event, rect)}
        onMouseLeave={onLeave}
      />
    );
  });
}

/** In a stack a number stands in its bar, else at the end of it; `onlyFitting`: where it has room. */
export function BarValues({
  layout,
  model,
  rects,
  shown,
  stacking,
  onlyFitting,
}: Marks & { readonly stacking: BarStacking; readonly onlyFitting: boolean }): ReactNode {
  const isStacked = stacking !== 'none';
  return rects.map((rect) => {
    const { x, y, w, h } = layout.boxOf(rect);
    const text = layout.valueText(stacking === 'percent' ? rect.to - rect.from : rect.value);
    const wide = text.length * charPx;
    const hasRoom = layout.isLying
      ? h >= 12 && (!isStacked || w >= wide)
      : w >= wide && (!isStacked || h >= 13);
    if (onlyFitting && !hasRoom) return null;
    const fill = isStacked ? textOn(colorOf(model, rect, shown)) : undefined;
    const isBeside = layout.isLying && !isStacked;
    const middle = y + h / 2 + 4;
    return (
      <text
        key={keyOf(rect)}
        className={css.value}
        style={{ fill }}
        x={isBeside ? x + w + 4 : x + w / 2}
        y={layout.isLying || isStacked ? middle : Math.max(9, y - 3)}
        textAnchor={isBeside ? 'start' : 'middle'}
      >
        {text}
      </text>
    );
  });
}

/** A colour by value where the field has one, else the colour of its group or its series. */
function colorOf(
  model: BarModel,
  { category, series, value }: BarRect,
  shown: readonly BarSeries[],
): string {
  const byGroup = model.categoryColors[category];
  if (byGroup !== undefined) return byGroup;
  const mode = series.field.config.color?.mode ?? '';
  const isByValue = mode === 'thresholds' || mode.startsWith('continuous-');
  if (isByValue || (series.field.config.mappings?.length ?? 0) > 0) {
    return series.field.display?.(value).color ?? series.color;
  }
  return shown.length === 0 ? '' : series.color;
}
