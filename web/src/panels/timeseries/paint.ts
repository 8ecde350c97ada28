import type { GrafanaTheme2 } from '@grafana/data';
import type uPlot from 'uplot';
import {
  type ColorStop,
  colorStops,
} from '../../../../src/dashboards/fields/models/color-stops.ts';
import type { ChartSeries } from '../../../../src/dashboards/fields/models/series-model.ts';
import { faded } from '../../charts/colors.ts';

type Paint = string | ((u: uPlot, seriesIndex: number) => string | CanvasGradient);

/** Colour of a line: one, or by value along the axis. */
export function strokeOf(series: ChartSeries, theme: GrafanaTheme2): Paint {
  const { field, color, options } = series;
  const stops = options.gradientMode === 'scheme' ? colorStops(field, theme) : undefined;
  if (stops === undefined) return color;
  return (u, index) => alongAxis(u, index, stops, 1) ?? color;
}

/** Colour of the area under a line, or of bars. */
export function fillOf(series: ChartSeries, theme: GrafanaTheme2): Paint | undefined {
  const { color, options, field } = series;
  const share = options.fillOpacity / 100;
  if (share <= 0) return undefined;
  switch (options.gradientMode) {
    case 'scheme': {
      const stops = colorStops(field, theme);
      if (stops === undefined) return faded(color, share);
      return (u, index) => alongAxis(u, index, stops, share) ?? faded(color, share);
    }
    case 'opacity':
    case 'hue': {
      // A hue gradient ends in the colour itself, one of opacity in nothing.
      const end = options.gradientMode === 'hue' ? faded(color, share * 0.35) : faded(color, 0.02);
      return (u) => {
        const gradient = u.ctx.createLinearGradient(0, u.bbox.top, 0, u.bbox.top + u.bbox.height);
        gradient.addColorStop(0, faded(color, share));
        gradient.addColorStop(1, end);
        return gradient;
      };
    }
    default:
      return faded(color, share);
  }
}

/** Undefined: the axis has no length yet. */
function alongAxis(
  u: uPlot,
  seriesIndex: number,
  stops: readonly ColorStop[],
  share: number,
): CanvasGradient | undefined {
  const key = u.series[seriesIndex]?.scale ?? 'y';
  const { min, max } = u.scales[key] ?? {};
  if (min == null || max == null) return undefined;
  const bottom = u.valToPos(min, key, true);
  const top = u.valToPos(max, key, true);
  if (!Number.isFinite(bottom) || !Number.isFinite(top) || bottom === top) return undefined;
  const gradient = u.ctx.createLinearGradient(0, bottom, 0, top);
  let before: string | undefined;
  for (const { value, color, isStep } of stops) {
    const place = (u.valToPos(Math.max(min, value), key, true) - bottom) / (top - bottom);
    const at = Math.min(1, Math.max(0, Number.isFinite(place) ? place : 0));
    if (isStep && before !== undefined) gradient.addColorStop(at, before);
    before = faded(color, share);
    gradient.addColorStop(at, before);
  }
  return gradient;
}
