import { type DataTransformerInfo, standardTransformers } from '@grafana/data';
import { append } from './append.ts';
import { fieldLookup } from './field-lookup.ts';
import { heatmap } from './heatmap.ts';
import { regression } from './regression.ts';
import { configFromData, extractFields, rowsToFields } from './row-fields.ts';
import {
  joinByLabels,
  partitionByValues,
  prepareTimeSeries,
  timeSeriesTable,
} from './series-shapes.ts';
import { smoothing } from './smoothing.ts';

const own: readonly DataTransformerInfo[] = [
  append,
  configFromData,
  extractFields,
  fieldLookup,
  heatmap,
  joinByLabels,
  partitionByValues,
  prepareTimeSeries,
  regression,
  rowsToFields,
  smoothing,
  timeSeriesTable,
];

/** Names under which old dashboards know them. */
const aliases: Readonly<Record<string, string>> = { seriesToColumns: 'joinByField' };

/** By id: those of @grafana/data, and those that Grafana keeps elsewhere, written here. */
export const transformers: ReadonlyMap<string, DataTransformerInfo> = byId([
  ...(Object.values(standardTransformers) as unknown as DataTransformerInfo[]),
  ...own,
]);

function byId(all: readonly DataTransformerInfo[]): Map<string, DataTransformerInfo> {
  const map = new Map(all.map((one) => [one.id, one]));
  for (const [alias, id] of Object.entries(aliases)) {
    const one = map.get(id);
    if (one !== undefined) map.set(alias, one);
  }
  return map;
}
