import type { FieldSparkline } from '@grafana/data';
import type { ReactNode } from 'react';

/** More points than this have no place under a number. */
const maxPoints = 400;

/** The shape of the values below the number: a line with an area under it, or the line alone. */
export function StatSparkline({
  sparkline,
  color,
  widthPx,
  heightPx,
  hasArea,
}: {
  readonly sparkline: FieldSparkline;
  readonly color: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly hasArea: boolean;
}): ReactNode {
  const paths = sparklinePaths(sparkline, widthPx, heightPx);
  if (paths === undefined) return null;
  return (
    <svg
      width={widthPx}
      height={heightPx}
      style={{ position: 'absolute', left: 0, bottom: 0 }}
      aria-hidden
    >
      {hasArea && <path d={paths.area} fill={color} opacity={0.18} />}
      <path d={paths.line} fill="none" stroke={color} strokeWidth={1.25} />
    </svg>
  );
}

/** Undefined: not two values. */
export function sparklinePaths(
  { x, y }: FieldSparkline,
  widthPx: number,
  heightPx: number,
): { readonly line: string; readonly area: string } | undefined {
  const values = y.values as readonly unknown[];
  const stride = Math.max(1, Math.ceil(values.length / maxPoints));
  const points: (readonly [number, number])[] = [];
  for (let at = 0; at < values.length; at += stride) {
    const value = values[at];
    if (typeof value !== 'number' || !Number.isFinite(value)) continue;
    points.push([Number(x?.values[at] ?? at), value]);
  }
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < 2) return undefined;
  let min = first[1];
  let max = first[1];
  for (const [, value] of points) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const span = max - min || 1;
  const toX = (at: number): string =>
    (((at - first[0]) / (last[0] - first[0] || 1)) * widthPx).toFixed(1);
  const toY = (value: number): string =>
    (heightPx - 1 - ((value - min) / span) * (heightPx - 3)).toFixed(1);
  const line = points
    .map(([at, value], index) => `${index === 0 ? 'M' : 'L'}${toX(at)} ${toY(value)}`)
    .join('');
  return { line, area: `${line}L${widthPx} ${heightPx}L0 ${heightPx}Z` };
}
