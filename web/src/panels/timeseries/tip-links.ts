import type {
  ChartSeries,
  SeriesModel,
} from '../../../../src/dashboards/fields/models/series-model.ts';
import type { TipLink } from '../shared/tip.ts';
import type { Exemplar } from './exemplars.ts';
import { indexNear } from './hover.ts';

/** Where a pinned tooltip leads: links of the exemplar under the pointer, then of the nearest series. */
export function tipLinks(
  exemplar: Exemplar | undefined,
  series: ChartSeries | undefined,
  model: SeriesModel,
  index: number,
): readonly TipLink[] {
  const links = [...(exemplar?.links() ?? [])];
  const own = series === undefined ? -1 : indexNear(model.xs, series.values, index);
  if (series !== undefined && own >= 0) {
    const row = rowOf(series, model, model.xs[own] as number);
    links.push(...(series.field.getLinks?.(row < 0 ? {} : { valueRowIndex: row }) ?? []));
  }
  return links.map(({ title, href, target }) => ({
    title: title === '' ? href : title,
    href,
    isNewTab: target === '_blank',
  }));
}

/** The row of the series' own frame at a place of the x axis. */
function rowOf(series: ChartSeries, model: SeriesModel, x: number): number {
  const xField = series.frame.fields.find((field) => field.type === model.x?.type);
  return xField?.values.indexOf(model.isTime ? Math.round(x * 1000) : x) ?? -1;
}
