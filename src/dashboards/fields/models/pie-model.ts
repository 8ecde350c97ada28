import type { FieldDisplay } from '@grafana/data';

export interface Slice {
  readonly value: FieldDisplay;
  readonly key: string;
  /** Of all that is shown, 0 to 1. */
  readonly share: number;
  /** Radians, clockwise from the top. */
  readonly from: number;
  readonly to: number;
}

/** Slices in the order that is asked for; what is nothing or below zero has none. */
export function slicesOf(
  values: readonly FieldDisplay[],
  sort: 'asc' | 'desc' | 'none',
  hidden: ReadonlySet<string>,
): readonly Slice[] {
  const direction = sort === 'asc' ? 1 : -1;
  const shown = values
    .map((value, at) => ({ value, key: sliceKey(value, at) }))
    .filter(({ value, key }) => value.display.numeric > 0 && !hidden.has(key));
  if (sort !== 'none') {
    shown.sort((a, b) => direction * (a.value.display.numeric - b.value.display.numeric));
  }
  const total = shown.reduce((sum, { value }) => sum + value.display.numeric, 0);
  let from = 0;
  return shown.map(({ value, key }) => {
    const share = value.display.numeric / total;
    const slice = { value, key, share, from, to: from + share * Math.PI * 2 };
    from = slice.to;
    return slice;
  });
}

export function sliceKey(value: FieldDisplay, at: number): string {
  return `${at} ${value.display.title ?? ''}`;
}

export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent.toFixed(percent < 10 && percent % 1 !== 0 ? 1 : 0)}%`;
}
