import type { Box, Markup } from '#picture';
import type { PlacedAxis } from './axis.ts';
import { isTransparent } from './colors.ts';
import type { DrawContext } from './contract.ts';
import { path, rect } from './marks.ts';

interface Level {
  readonly from: number;
  readonly to: number;
  readonly color: string;
}

/** What the fields of an axis have their thresholds drawn as. */
function levelsOf(
  axis: PlacedAxis,
  { fields }: DrawContext,
): { readonly style: string; readonly levels: readonly Level[] } {
  const series = axis.scale.members.find(({ options }) => options.thresholdsStyle !== 'off');
  const { thresholds } = series?.field.config ?? {};
  if (series === undefined || thresholds === undefined) return { style: 'off', levels: [] };
  const { min = axis.min, max = axis.max } = series.field.config;
  const [low, high] = [min ?? axis.min, max ?? axis.max];
  const levelAt = (value: number): number =>
    thresholds.mode === 'percentage' && value !== Number.NEGATIVE_INFINITY
      ? low + ((high - low) * value) / 100
      : value;
  return {
    style: series.options.thresholdsStyle,
    levels: thresholds.steps.map(({ value, color }, at) => ({
      from: levelAt(value),
      to: levelAt(thresholds.steps[at + 1]?.value ?? Number.POSITIVE_INFINITY),
      color: fields.theme.visualization.getColorByName(color),
    })),
  };
}

export function thresholdAreas(
  axes: readonly PlacedAxis[],
  plot: Box,
  context: DrawContext,
): readonly Markup[] {
  return axes.flatMap((axis) => {
    const { style, levels } = levelsOf(axis, context);
    if (!style.endsWith('area')) return [];
    return levels
      .filter(({ from, to, color }) => to > axis.min && from < axis.max && !isTransparent(color))
      .map(({ from, to, color }) =>
        rect({ ...plot, top: axis.at(to), bottom: axis.at(from) }, color, { 'fill-opacity': 0.12 }),
      );
  });
}

export function thresholdLines(
  axes: readonly PlacedAxis[],
  plot: Box,
  context: DrawContext,
): readonly Markup[] {
  return axes.flatMap((axis) => {
    const { style, levels } = levelsOf(axis, context);
    if (!style.startsWith('line') && !style.startsWith('dashed')) return [];
    return levels
      .filter(({ from, color }) => from >= axis.min && from <= axis.max && !isTransparent(color))
      .map(({ from, color }) =>
        path(`M${plot.left} ${axis.at(from)}H${plot.right}`, {
          stroke: color,
          'stroke-width': 1.5,
          'stroke-opacity': 0.85,
          'stroke-dasharray': style.startsWith('dashed') ? '10 10' : undefined,
        }),
      );
  });
}
