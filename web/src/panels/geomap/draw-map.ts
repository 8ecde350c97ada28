import type { GeoPoint, GeoView } from '../../../../src/dashboards/fields/models/geo-model.ts';
import { faded, token } from '../../charts/colors.ts';

export interface MapSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Land, and points over it. West of the world is its east again. */
export function drawMap(
  canvas: HTMLCanvasElement,
  land: Path2D,
  points: readonly GeoPoint[],
  view: GeoView,
  { widthPx, heightPx }: MapSize,
): void {
  const ratio = window.devicePixelRatio;
  canvas.width = Math.round(widthPx * ratio);
  canvas.height = Math.round(heightPx * ratio);
  const context = canvas.getContext('2d');
  if (context === null) return;
  const top = heightPx / 2 - view.y * view.worldPx;
  context.fillStyle = token('--float');
  context.strokeStyle = token('--line-2');
  for (const left of worldsInSight(view, widthPx)) {
    context.setTransform(
      view.worldPx * ratio,
      0,
      0,
      view.worldPx * ratio,
      left * ratio,
      top * ratio,
    );
    context.lineWidth = 1 / view.worldPx;
    context.fill(land);
    context.stroke(land);
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  for (const left of worldsInSight(view, widthPx)) {
    for (const point of points) {
      context.beginPath();
      const [x, y] = [left + point.x * view.worldPx, top + point.y * view.worldPx];
      context.arc(x, y, point.sizePx / 2, 0, Math.PI * 2);
      context.fillStyle = faded(point.color, point.opacity);
      context.fill();
      context.strokeStyle = point.color;
      context.lineWidth = 1;
      context.stroke();
    }
  }
}

/** Where each copy of the world begins that is in sight, in px; coasts reach into their neighbours. */
function worldsInSight(view: GeoView, widthPx: number): readonly number[] {
  const first = widthPx / 2 - view.x * view.worldPx;
  const from = Math.floor(-first / view.worldPx) - 1;
  const to = Math.floor((widthPx - first) / view.worldPx) + 1;
  return Array.from({ length: to - from + 1 }, (_, at) => first + (from + at) * view.worldPx);
}

/** The point that lies nearest to a place of the panel, within its reach; undefined: none. */
export function pointAt(
  points: readonly GeoPoint[],
  view: GeoView,
  { widthPx, heightPx }: MapSize,
  x: number,
  y: number,
): GeoPoint | undefined {
  let found: GeoPoint | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const point of points) {
    let across = ((point.x - view.x) * view.worldPx + widthPx / 2 - x) % view.worldPx;
    if (across > view.worldPx / 2) across -= view.worldPx;
    if (across < -view.worldPx / 2) across += view.worldPx;
    const down = (point.y - view.y) * view.worldPx + heightPx / 2 - y;
    const distance = Math.hypot(across, down);
    if (distance > Math.max(8, point.sizePx / 2 + 3) || distance >= least) continue;
    least = distance;
    found = point;
  }
  return found;
}
