import uPlot from 'uplot';
import type { ChartSeries } from './series-model.ts';

/** One y axis: the fields that are measured alike. */
export interface YScale {
  readonly key: string;
  readonly side: 'left' | 'right' | 'hidden';
  /** Whose unit, bounds and label it has. */
  readonly first: ChartSeries;
  readonly members: readonly ChartSeries[];
}

/** The first goes left, further ones right, unless their fields say where. */
export function yScales(series: readonly ChartSeries[]): readonly YScale[] {
  const byKey = new Map<string, ChartSeries[]>();
  for (const one of series) {
    const members = byKey.get(one.scaleKey);
    if (members === undefined) byKey.set(one.scaleKey, [one]);
    else members.push(one);
  }
  let hasLeft = false;
  return [...byKey.values()].map((members, index) => {
    const first = members[0] as ChartSeries;
    const { axisPlacement } = first.options;
    const side = axisPlacement === 'auto' ? (hasLeft ? 'right' : 'left') : axisPlacement;
    if (side === 'left') hasLeft = true;
    return { key: `y${index}`, side, first, members };
  });
}

type Bounds = [number, number];

const roomShare = 0.1;

/** Bounds of an axis, as of the data that is in sight. */
export function yRange(scale: YScale): uPlot.Range.Function {
  const { options, field } = scale.first;
  const { min, max } = field.config;
  const isPercent = options.stacking === 'percent';
  const isFromZero =
    scale.members.some(({ options: own }) => own.drawStyle === 'bars') || isPercent;
  const softMin = options.axisSoftMin ?? (isFromZero ? 0 : undefined);
  const softMax = options.axisSoftMax ?? (isPercent ? 1 : undefined);
  return (_, dataMin, dataMax) => {
    if (dataMin === null || dataMax === null) {
      const low = min ?? softMin ?? (options.scale === 'log' ? 1 : 0);
      return [low, max ?? softMax ?? Math.max(low + 1, 100)];
    }
    if (options.scale === 'log') {
      const [low, high] = uPlot.rangeLog(dataMin, dataMax, options.logBase, true) as Bounds;
      return ordered(min != null && min > 0 ? min : low, max ?? high);
    }
    // Nothing but zeros: one of the unit above them, and all of a share.
    const isNothing = dataMin === 0 && dataMax === 0 && softMax === undefined;
    if (isNothing) return ordered(min ?? 0, max ?? (field.config.unit === 'percent' ? 100 : 1));
    const wanted: uPlot.Range.Config = {
      min: { pad: roomShare, soft: softMin ?? 0, mode: softMin === undefined ? 3 : 1 },
      max: {
        pad: isPercent ? 0 : roomShare,
        soft: softMax ?? 0,
        mode: softMax === undefined ? 3 : 1,
      },
    };
    const [low, high] = uPlot.rangeNum(dataMin, dataMax, wanted) as Bounds;
    if (options.isZeroCentered) {
      const reach = Math.max(Math.abs(min ?? low), Math.abs(max ?? high));
      return [-reach, reach];
    }
    return ordered(min ?? low, max ?? high);
  };
}

/** Bounds that leave no room, or stand on their heads, would draw nothing. */
function ordered(low: number, high: number): Bounds {
  if (low < high) return [low, high];
  return low === high ? [low - 1, high + 1] : [high, low];
}

export function yScaleOptions(scale: YScale): uPlot.Scale {
  const { options } = scale.first;
  const range = yRange(scale);
  if (options.scale === 'log') return { distr: 3, log: options.logBase, range };
  if (options.scale === 'symlog') {
    return { distr: 4, asinh: options.linearThreshold, log: options.logBase, range };
  }
  return { range };
}
