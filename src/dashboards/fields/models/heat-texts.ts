import { formattedValueToString, getValueFormat } from '@grafana/data';
import type { Panel } from '#dashboards/model';
import type { HeatGrid } from './heat-grid.ts';
import type { HeatOptions } from './heat-options.ts';

/** Numbers of a heat map as texts. */
export interface HeatFormats {
  readonly bound: (value: number) => string;
  readonly count: (value: number) => string;
}

export function heatFormats({ fieldConfig }: Panel, options: HeatOptions): HeatFormats {
  const { defaults } = fieldConfig;
  const bound = getValueFormat(options.unit ?? 'short');
  // The unit of fields is that of cells, unless rows are made of the values themselves.
  const count = getValueFormat(
    options.cellUnit ?? (options.calculates ? 'short' : (defaults.unit ?? 'short')),
  );
  return {
    bound: (value) =>
      Number.isFinite(value)
        ? formattedValueToString(bound(value, options.decimals))
        : value > 0
          ? '+Inf'
          : '-Inf',
    count: (value) => formattedValueToString(count(value, defaults.decimals)),
  };
}

const tickGapPx = 18;

/** Names of rows, or bounds between them, as many as there is room for. `at` is in rows. */
export function heatTicks(
  { rows }: HeatGrid,
  bound: HeatFormats['bound'],
  heightPx: number,
): readonly { readonly at: number; readonly text: string }[] {
  const stride = Math.max(1, Math.ceil((rows.length * tickGapPx) / Math.max(40, heightPx - 50)));
  return rows.flatMap(({ name, lower, upper }, row) => {
    if (row % stride !== 0) return [];
    if (upper === undefined && lower === undefined) return [{ at: row + 0.5, text: name }];
    return upper === undefined ? [] : [{ at: row + 1, text: bound(upper) }];
  });
}
