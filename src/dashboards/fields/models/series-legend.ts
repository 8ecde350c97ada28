import { calcValues } from '../calc-values.ts';
import type { LegendItem } from '../legend-items.ts';
import type { ChartSeries } from './series-model.ts';

export function seriesKey(series: readonly ChartSeries[], at: number): string {
  return `${at} ${series[at]?.name ?? ''}`;
}

export function legendItems(
  series: readonly ChartSeries[],
  calcs: readonly string[],
): readonly LegendItem[] {
  return series.flatMap((one, at) =>
    one.options.hiddenFrom.legend || one.options.hiddenFrom.viz
      ? []
      : [
          {
            key: seriesKey(series, at),
            name: one.name,
            color: one.color,
            isDashed: one.options.dash.length > 0,
            values: calcValues(one.field, calcs),
          },
        ],
  );
}
