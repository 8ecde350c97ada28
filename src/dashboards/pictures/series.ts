import { type ChartSeries, type Column, colorStops } from '#dashboards/fields';
import { type Box, element, type Markup, type Scale } from '#picture';
import type { PlacedAxis } from './axis.ts';
import type { DrawContext } from './contract.ts';
import { lineThrough, path, rect, tenth } from './marks.ts';

export interface SeriesPlace {
  /** Of the x axis: Unix ms, or numbers. */
  readonly xs: readonly number[];
  /** What is drawn; null is a gap, undefined is bridged. */
  readonly column: Column;
  /** The edge below; undefined: zero, or the edge of the plot. */
  readonly lower: Column | undefined;
  readonly x: Scale;
  readonly axis: PlacedAxis;
  readonly plot: Box;
  readonly context: DrawContext;
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly base: number;
}

/** Points of a stretch beyond these are thinned: there are no more pixels. */
const pointsPerPx = 2;

/** One series: its area, its line or bars, its points. */
export function drawSeries(series: ChartSeries, place: SeriesPlace): readonly Markup[] {
  const { options } = series;
  const runs = runsOf(place);
  if (options.drawStyle === 'bars') return bars(series, runs.flat(), place);
  const parts: Markup[] = [];
  const paint = paintOf(series, place);
  if (options.drawStyle === 'line') {
    for (const run of runs.filter(({ length }) => length > 1)) {
      const top = pathOf(
        run.map(({ x, y }) => [x, y] as const),
        options.lineInterpolation,
      );
      if (paint.fill !== undefined) {
        const back = run.map(({ x, base }) => [x, base] as const).reverse();
        const under = pathOf(back, turned(options.lineInterpolation)).replace(/^M/, 'L');
        parts.push(path(`${top}${under}Z`, { fill: paint.fill, 'fill-opacity': paint.fillShare }));
      }
      if (options.lineWidth > 0) {
        parts.push(
          path(top, {
            fill: 'none',
            stroke: paint.stroke,
            'stroke-width': Math.max(1.25, options.lineWidth),
            'stroke-linejoin': 'round',
            'stroke-dasharray': options.dash.length === 0 ? undefined : options.dash.join(' '),
            'stroke-linecap': options.isDotted ? 'round' : undefined,
          }),
        );
      }
    }
  }
  const wantsPoints = options.drawStyle === 'points' || options.showPoints === 'always';
  const dots = wantsPoints ? runs.flat() : runs.filter(({ length }) => length === 1).flat();
  const radius = (wantsPoints ? options.pointSizePx : Math.min(4, options.pointSizePx)) / 2;
  for (const { x, y } of dots) {
    parts.push(element('circle', { cx: tenth(x), cy: tenth(y), r: radius, fill: series.color }));
  }
  return [...paint.defs, ...parts];
}

function runsOf({ xs, column, lower, x, axis, plot }: SeriesPlace): readonly (readonly Point[])[] {
  const runs: Point[][] = [];
  let run: Point[] = [];
  const zero = axis.at(Math.min(Math.max(0, axis.min), axis.max));
  for (let at = 0; at < xs.length; at++) {
    const value = column[at];
    if (value === undefined) continue;
    const px = x.at(xs[at] as number);
    const isOut = px < plot.left - 0.5 || px > plot.right + 0.5;
    if (value === null || isOut) {
      if (run.length > 0) runs.push(run);
      run = [];
      continue;
    }
    const below = lower?.[at];
    run.push({ x: px, y: axis.at(value), base: below == null ? zero : axis.at(below) });
  }
  if (run.length > 0) runs.push(run);
  return runs.map((one) => thinned(one, plot));
}

/** The highest and the lowest of each pixel column say all that can be seen. */
function thinned(run: readonly Point[], { left, right }: Box): readonly Point[] {
  if (run.length <= (right - left) * pointsPerPx) return run;
  const kept: Point[] = [];
  for (let start = 0; start < run.length; ) {
    const columnPx = Math.floor((run[start] as Point).x);
    let end = start;
    let low = start;
    let high = start;
    while (end < run.length && Math.floor((run[end] as Point).x) === columnPx) {
      if ((run[end] as Point).y < (run[high] as Point).y) high = end;
      if ((run[end] as Point).y > (run[low] as Point).y) low = end;
      end++;
    }
    const wanted = new Set([start, low, high, end - 1]);
    for (const at of [...wanted].sort((a, b) => a - b)) kept.push(run[at] as Point);
    start = end;
  }
  return kept;
}

type Interpolation = ChartSeries['options']['lineInterpolation'];

/** Of a way back: what was before a step is now after it. */
const turned = (way: Interpolation): Interpolation =>
  way === 'stepBefore' ? 'stepAfter' : way === 'stepAfter' ? 'stepBefore' : way;

function pathOf(points: readonly (readonly [number, number])[], way: Interpolation): string {
  if (way === 'linear' || points.length < 2) return lineThrough(points);
  const [first] = points as [readonly [number, number]];
  let d = `M${tenth(first[0])} ${tenth(first[1])}`;
  for (let at = 1; at < points.length; at++) {
    const [x0, y0] = points[at - 1] as readonly [number, number];
    const [x1, y1] = points[at] as readonly [number, number];
    if (way === 'stepAfter') d += `H${tenth(x1)}V${tenth(y1)}`;
    else if (way === 'stepBefore') d += `V${tenth(y1)}H${tenth(x1)}`;
    else {
      const middle = tenth((x0 + x1) / 2);
      d += `C${middle} ${tenth(y0)} ${middle} ${tenth(y1)} ${tenth(x1)} ${tenth(y1)}`;
    }
  }
  return d;
}

function bars(
  series: ChartSeries,
  points: readonly Point[],
  place: SeriesPlace,
): readonly Markup[] {
  const { options } = series;
  const { plot } = place;
  let nearest = plot.right - plot.left;
  for (let at = 1; at < points.length; at++) {
    nearest = Math.min(
      nearest,
      Math.max(0.5, (points[at] as Point).x - (points[at - 1] as Point).x),
    );
  }
  const width = Math.max(1, Math.min(options.barMaxWidthPx, nearest * options.barWidthFactor));
  const shift = options.barAlignment === 0 ? width / 2 : options.barAlignment < 0 ? width : 0;
  const paint = paintOf(series, place);
  return [
    ...paint.defs,
    ...points.map(({ x, y, base }) => {
      const left = Math.max(plot.left, x - shift);
      const right = Math.min(plot.right, x - shift + width);
      return rect(
        { left, right, top: Math.min(y, base), bottom: Math.max(y, base) },
        paint.fill ?? 'none',
        {
          'fill-opacity': paint.fillShare,
          ...(options.lineWidth > 0 ? { stroke: paint.stroke, 'stroke-width': 0.75 } : {}),
        },
      );
    }),
  ];
}

interface Paint {
  readonly stroke: string;
  readonly fill: string | undefined;
  readonly fillShare: number | undefined;
  readonly defs: readonly Markup[];
}

/** One colour, or one that goes with the values or the height. */
function paintOf(series: ChartSeries, { axis, plot, context }: SeriesPlace): Paint {
  const { options, color, field } = series;
  const share = options.fillOpacity / 100;
  const plain = { stroke: color, fill: share > 0 ? color : undefined, fillShare: share, defs: [] };
  if (options.gradientMode === 'none' || (share <= 0 && options.gradientMode !== 'scheme')) {
    return plain;
  }
  const id = context.newId();
  const gradient = (stops: readonly Markup[], y1: number, y2: number): Markup =>
    element('defs', {}, [
      element(
        'linearGradient',
        { id, x1: 0, x2: 0, y1, y2, gradientUnits: 'userSpaceOnUse' },
        stops,
      ),
    ]);
  const stop = (offset: number, ink: string, opacity: number): Markup =>
    element('stop', {
      offset: `${(offset * 100).toFixed(2)}%`,
      'stop-color': ink,
      'stop-opacity': opacity,
    });
  if (options.gradientMode === 'scheme') {
    const scheme = colorStops(field, context.fields.theme);
    if (scheme === undefined) return plain;
    const shareOf = (value: number): number =>
      (axis.at(value) - plot.bottom) / (plot.top - plot.bottom);
    const stops = scheme.flatMap(({ value, color: ink, isStep }, at) => {
      const offset = shareOf(Math.max(axis.min, value));
      const before = scheme[at - 1]?.color;
      return [
        ...(isStep && before !== undefined ? [stop(offset, before, 1)] : []),
        stop(offset, ink, 1),
      ];
    });
    const defs = [gradient(stops, plot.bottom, plot.top)];
    const ink = `url(#${id})`;
    return { stroke: ink, fill: share > 0 ? ink : undefined, fillShare: share, defs };
  }
  const end = options.gradientMode === 'hue' ? share * 0.35 : 0.02;
  const defs = [gradient([stop(0, color, share), stop(1, color, end)], plot.top, plot.bottom)];
  return { stroke: color, fill: `url(#${id})`, fillShare: undefined, defs };
}
