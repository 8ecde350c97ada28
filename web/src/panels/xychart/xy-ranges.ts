import { type Field, FieldType } from '@grafana/data';
import type uPlot from 'uplot';
import { type YScale, yRange } from '../../../../src/dashboards/fields/models/scales.ts';
import { seriesOptions } from '../../../../src/dashboards/fields/models/series-options.ts';
import type { XySeries } from '../../../../src/dashboards/fields/models/xy-model.ts';
import { xOf } from './draw-points.ts';

/** In the unit of the axis, which for times is seconds. */
export type Bounds = [number, number];

const roomShare = 0.04;

/** All points of all series, with some room beside the outermost; bounds of the field come before. */
export function xRange(series: readonly XySeries[]): Bounds {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const one of series) {
    for (let row = 0; row < one.xs.length; row++) {
      const x = xOf(one, row);
      if (x === undefined) continue;
      if (x < low) low = x;
      if (x > high) high = x;
    }
  }
  const x = series[0]?.x;
  if (x === undefined || low > high) return [0, 1];
  if (x.type === FieldType.time) return low < high ? [low, high] : [low - 1, low + 1];
  const { min, max } = x.config;
  if (seriesOptions(x).scale === 'log' && low > 0) return [low * 0.9, high * 1.1];
  const room = low < high ? (high - low) * roomShare : Math.abs(low) * roomShare || 1;
  // What begins at zero, or just above it, is drawn from zero.
  const from = min ?? (low >= 0 && low - room < 0 ? 0 : low - room);
  return [from, Math.max(from + 1e-9, max ?? high + room)];
}

export function xDistribution(x: Field | undefined): Partial<uPlot.Scale> {
  if (x === undefined) return {};
  const { scale, logBase, linearThreshold } = seriesOptions(x);
  if (scale === 'log') return { distr: 3, log: logBase };
  return scale === 'symlog' ? { distr: 4, log: logBase, asinh: linearThreshold } : {};
}

/** Of the points of an axis that are between the bounds of x. */
export function yBounds(
  u: uPlot,
  scale: YScale,
  series: readonly XySeries[],
  [from, to]: Bounds,
): Bounds {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const one of series) {
    if (!scale.members.includes(one)) continue;
    for (const [row, value] of one.values.entries()) {
      const x = xOf(one, row);
      if (value == null || x === undefined || x < from || x > to) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  const bounds = low > high ? [null, null] : [low, high];
  // As uPlot itself asks: null where no value is in sight.
  return yRange(scale)(u, ...(bounds as Bounds), scale.key) as Bounds;
}
