import type { FieldDisplay, GrafanaTheme2 } from '@grafana/data';

/** Shares of the arc, 0 to 1, and their colours. */
export interface ArcPart {
  readonly from: number;
  readonly to: number;
  readonly color: string;
  /** Where it begins, in the value's unit; undefined: at the least. */
  readonly value?: number;
}

export interface GaugeRange {
  readonly min: number;
  readonly max: number;
}

/** A gauge needs bounds: 0 to 100 where nobody says others. */
export function gaugeRange({ field }: FieldDisplay): GaugeRange {
  const min = field.min ?? 0;
  const max = field.max ?? 100;
  return max > min ? { min, max } : { min, max: min + 1 };
}

export function shareOf(value: number, { min, max }: GaugeRange): number {
  const share = (value - min) / (max - min);
  return Number.isNaN(share) ? 0 : Math.min(1, Math.max(0, share));
}

/** The thresholds of a field along its range. */
export function thresholdParts(
  { field }: FieldDisplay,
  range: GaugeRange,
  theme: GrafanaTheme2,
): readonly ArcPart[] {
  const steps = field.thresholds?.steps ?? [];
  const isShare = field.thresholds?.mode === 'percentage';
  return steps.flatMap((step, at): ArcPart[] => {
    const placeOf = (value: number): number =>
      isShare ? Math.min(1, Math.max(0, value / 100)) : shareOf(value, range);
    const from = at === 0 ? 0 : placeOf(step.value);
    const next = steps[at + 1];
    const to = next === undefined ? 1 : placeOf(next.value);
    if (to <= from) return [];
    const value = isShare ? range.min + ((range.max - range.min) * step.value) / 100 : step.value;
    return [
      {
        from,
        to,
        color: theme.visualization.getColorByName(step.color),
        ...(at === 0 ? {} : { value }),
      },
    ];
  });
}

/** The path of a part of a ring; angles in radians, clockwise from the top. */
export function ringPath(
  cx: number,
  cy: number,
  outer: number,
  inner: number,
  from: number,
  to: number,
): string {
  // A whole ring has no start: it is drawn as nearly one.
  const end = Math.min(to, from + Math.PI * 2 - 1e-4);
  const large = end - from > Math.PI ? 1 : 0;
  const at = (radius: number, angle: number): string =>
    `${(cx + radius * Math.sin(angle)).toFixed(2)} ${(cy - radius * Math.cos(angle)).toFixed(2)}`;
  return `M${at(outer, from)}A${outer} ${outer} 0 ${large} 1 ${at(outer, end)}L${at(inner, end)}A${inner} ${inner} 0 ${large} 0 ${at(inner, from)}Z`;
}
