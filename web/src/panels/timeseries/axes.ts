import type { DisplayProcessor } from '@grafana/data';
import type uPlot from 'uplot';
import type { YScale } from '../../../../src/dashboards/fields/models/scales.ts';
import { binaryUnits, tickText } from '../../../../src/dashboards/fields/models/tick-text.ts';
import { faded, token } from '../../charts/colors.ts';
import { axisFont } from '../../charts/plot-options.ts';
import { axisWidth, tickSteps } from '../../charts/ticks.ts';
import { pad, wallClockOf } from '../../time/zone.ts';

const daySeconds = 86_400;

/** Times below the plot: as much of them as the distance of the ticks needs. */
export function xTimeAxis(zone: string): uPlot.Axis {
  return {
    ...plainAxis(),
    grid: { stroke: faded(token('--line'), 0.45), width: 1 },
    ticks: { stroke: token('--line'), width: 1, size: 4 },
    gap: 3,
    size: 24,
    space: (_, __, min, max) => (max - min > daySeconds ? 64 : 56),
    values: (u, splits, _, __, stepS) => {
      const { min = 0, max = 0 } = u.scales['x'] ?? {};
      return splits.map((seconds) => tickTime(zone, seconds, stepS, (max ?? 0) - (min ?? 0)));
    },
  };
}

/** @param stepS distance of two ticks; @param rangeS length of the axis; all in seconds */
export function tickTime(zone: string, seconds: number, stepS: number, rangeS: number): string {
  const { year, month, day, hour, minute, second, ms } = wallClockOf(zone, seconds * 1000);
  const time = `${pad(hour)}:${pad(minute)}`;
  if (stepS < 1) return `${time}:${pad(second)}.${String(ms).padStart(3, '0')}`;
  if (stepS < 60) return `${time}:${pad(second)}`;
  if (stepS < daySeconds) {
    // Over several days the first moment of each says which day it is.
    return rangeS > daySeconds && time === '00:00' ? `${pad(month)}/${pad(day)}` : time;
  }
  if (stepS < 28 * daySeconds) return `${pad(month)}/${pad(day)}`;
  return stepS < 365 * daySeconds ? `${year}-${pad(month)}` : String(year);
}

/** Numbers below the plot, for charts that are not over time. */
export function xNumberAxis(display: DisplayProcessor | undefined): uPlot.Axis {
  return {
    ...plainAxis(),
    grid: { stroke: faded(token('--line'), 0.45), width: 1 },
    ticks: { stroke: token('--line'), width: 1, size: 4 },
    gap: 3,
    size: 24,
    values: (_, splits, __, ___, step) => splits.map(tickText(display, step)),
  };
}

export function yAxis(scale: YScale, heightPx: number, isFirst: boolean): uPlot.Axis {
  const { options, field, color } = scale.first;
  if (scale.side === 'hidden') return { show: false, scale: scale.key };
  const unit = field.config.unit ?? '';
  const steps = tickSteps(binaryUnits.has(unit) ? 'bytes' : unit === 's' ? 'seconds' : 'plain');
  const isLinear = options.scale === 'linear';
  const stroke = options.isAxisColored ? color : token('--text-3');
  return {
    ...plainAxis(),
    scale: scale.key,
    side: scale.side === 'right' ? 1 : 3,
    stroke,
    grid: { show: options.hasGrid && isFirst, stroke: faded(token('--line'), 0.6), width: 1 },
    border: { show: options.hasAxisBorder, stroke, width: 1 },
    gap: 6,
    space: heightPx < 140 ? 22 : 34,
    size: options.axisWidthPx ?? axisWidth,
    ...(options.axisLabel === ''
      ? {}
      : { label: options.axisLabel, labelSize: 18, labelFont: axisFont(), labelGap: 2 }),
    ...(steps === undefined || !isLinear ? {} : { incrs: steps }),
    values: (_, splits, __, ___, step) =>
      splits.map(
        options.stacking === 'percent'
          ? (share) => `${Math.round(share * 100)}%`
          : tickText(field.display, isLinear ? step : 0),
      ),
  };
}

function plainAxis(): uPlot.Axis {
  return {
    stroke: token('--text-3'),
    font: axisFont(),
    grid: { show: false },
    ticks: { show: false },
    border: { show: false },
  };
}
