import { FieldType } from '@grafana/data';
import uPlot from 'uplot';
import type { XySeries } from '../../../../src/dashboards/fields/models/xy-model.ts';
import { faded } from '../../charts/colors.ts';

/** In the unit of the axis, which for times is seconds; undefined: it has no place there. */
export function xOf({ x, xs }: XySeries, row: number): number | undefined {
  const value = xs[row];
  if (value == null || !Number.isFinite(value)) return undefined;
  return x.type === FieldType.time ? value / 1000 : value;
}

/** Draws the lines and points of a series; the caller has clipped to the plot. */
export function drawSeries(u: uPlot, series: XySeries, scale: string): void {
  const places = placesOf(u, series, scale);
  if (series.hasLines) drawLines(u, series, places);
  if (series.hasPoints) drawPoints(u, series, places);
}

/** x and y of each row in canvas px, in turn; NaN where there is no point. */
function placesOf(u: uPlot, series: XySeries, scale: string): Float64Array {
  const places = new Float64Array(series.values.length * 2);
  for (let row = 0; row < series.values.length; row++) {
    const value = series.values[row];
    const x = xOf(series, row);
    const isPoint = value != null && x !== undefined && Number.isFinite(value);
    places[row * 2] = isPoint ? u.valToPos(x, 'x', true) : Number.NaN;
    places[row * 2 + 1] = isPoint ? u.valToPos(value, scale, true) : Number.NaN;
  }
  return places;
}

function drawLines(u: uPlot, { options, color }: XySeries, places: Float64Array): void {
  const { ctx } = u;
  if (options.lineWidth === 0) return;
  const px = uPlot.pxRatio;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = options.lineWidth * px;
  ctx.lineJoin = 'round';
  ctx.setLineDash(options.dash.map((length) => length * px));
  if (options.isDotted) ctx.lineCap = 'round';
  ctx.beginPath();
  let isGap = true;
  for (let at = 0; at < places.length; at += 2) {
    const [x, y] = [places[at] as number, places[at + 1] as number];
    if (Number.isNaN(x)) isGap = true;
    else if (isGap) {
      ctx.moveTo(x, y);
      isGap = false;
    } else ctx.lineTo(x, y);
  }
  ctx.stroke();
  ctx.restore();
}

/** Points of one colour are one path: thousands of them are drawn at once. */
function drawPoints(u: uPlot, series: XySeries, places: Float64Array): void {
  const { ctx, bbox } = u;
  const px = uPlot.pxRatio;
  const paths = new Map<string, Path2D>();
  for (let row = 0; row * 2 < places.length; row++) {
    const [x, y] = [places[row * 2] as number, places[row * 2 + 1] as number];
    const radius = ((series.sizesPx?.[row] ?? series.options.pointSizePx) / 2) * px;
    if (!isInSight(bbox, x, y, radius)) continue;
    const color = series.colors?.[row] ?? series.color;
    const path = paths.get(color) ?? new Path2D();
    paths.set(color, path);
    if (series.isSquare) path.rect(x - radius, y - radius, radius * 2, radius * 2);
    else {
      path.moveTo(x + radius, y);
      path.arc(x, y, radius, 0, Math.PI * 2);
    }
  }
  ctx.lineWidth = series.strokePx * px;
  for (const [color, path] of paths) {
    ctx.fillStyle = faded(color, series.options.fillOpacity / 100);
    ctx.fill(path);
    if (series.strokePx === 0) continue;
    ctx.strokeStyle = color;
    ctx.stroke(path);
  }
}

/** False for what is no number, too. */
function isInSight(bbox: uPlot.BBox, x: number, y: number, radius: number): boolean {
  return (
    x + radius >= bbox.left &&
    x - radius <= bbox.left + bbox.width &&
    y + radius >= bbox.top &&
    y - radius <= bbox.top + bbox.height
  );
}
