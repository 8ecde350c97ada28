import { colorManipulator, type GrafanaTheme2 } from '@grafana/data';
import * as chromatic from 'd3-scale-chromatic';
import type { HeatGrid } from './heat-grid.ts';
import type { HeatOptions } from './heat-options.ts';

/** Scales that begin near white: on a dark ground they are turned, so that little stays near the ground. */
const fromLight =
  /^(Blues|Greens|Greys|Oranges|Purples|Reds|BuGn|BuPu|GnBu|OrRd|PuBuGn|PuBu|PuRd|RdPu|YlGnBu|YlGn|YlOrBr|YlOrRd)$/;

/** Colours from the least to the greatest count. */
export function heatPalette(
  { color }: HeatOptions,
  theme: GrafanaTheme2,
  isDark: boolean,
): readonly string[] {
  if (color.mode === 'opacity') {
    const fill = theme.visualization.getColorByName(color.fill);
    return Array.from({ length: color.steps }, (_, step) =>
      colorManipulator.alpha(fill, curved((step + 1) / color.steps, color)),
    );
  }
  const scales = chromatic as unknown as Readonly<Record<string, unknown>>;
  const scale = scales[`interpolate${color.scheme}`] ?? chromatic.interpolateOranges;
  const isTurned = (isDark && fromLight.test(color.scheme)) !== color.isReversed;
  return Array.from({ length: color.steps }, (_, step) => {
    const share = step / (color.steps - 1);
    return (scale as (share: number) => string)(isTurned ? 1 - share : share);
  });
}

function curved(share: number, { isExponential, exponent }: HeatOptions['color']): number {
  return isExponential ? share ** exponent : share;
}

/** Which of `steps` colours a count has. */
export function heatStep(count: number, { min, max }: HeatGrid, steps: number): number {
  const share = max > min ? (count - min) / (max - min) : 1;
  return Math.min(steps - 1, Math.max(0, Math.floor(share * steps)));
}
