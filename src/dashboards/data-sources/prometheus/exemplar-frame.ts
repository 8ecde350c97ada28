import type { DataSource, Frame } from '../contract.ts';
import type { ExemplarSeries } from './answer.ts';

/** More marks than a chart can show. The newest stay. */
const maxExemplars = 2000;

/** Exemplars as marks over the chart; undefined: there are none. */
export function exemplarFrame(
  series: readonly ExemplarSeries[],
  source: Pick<DataSource, 'jsonData'>,
): Frame | undefined {
  const rows = series
    .flatMap((one) =>
      one.exemplars.map((exemplar) => ({
        timeMs: exemplar.timeMs,
        value: exemplar.value,
        labels: { ...one.labels, ...exemplar.labels },
      })),
    )
    .sort((a, b) => a.timeMs - b.timeMs)
    .slice(-maxExemplars);
  if (rows.length === 0) return undefined;
  const names = [...new Set(rows.flatMap(({ labels }) => Object.keys(labels)))];
  const links = traceLinks(source.jsonData['exemplarTraceIdDestinations']);
  return {
    name: 'exemplar',
    meta: { dataTopic: 'annotations', custom: { resultType: 'exemplar' } },
    fields: [
      { name: 'Time', type: 'time', values: rows.map(({ timeMs }) => timeMs) },
      { name: 'Value', type: 'number', values: rows.map(({ value }) => value) },
      ...names.map((name) => {
        const link = links.get(name);
        return {
          name,
          type: 'string' as const,
          ...(link === undefined ? {} : { config: { links: [link] } }),
          values: rows.map(({ labels }) => (labels as Record<string, string>)[name] ?? ''),
        };
      }),
    ],
  };
}

/** `exemplarTraceIdDestinations`: where a label with a trace id leads. */
function traceLinks(given: unknown): ReadonlyMap<string, { title: string; url: string }> {
  const links = new Map<string, { title: string; url: string }>();
  for (const one of Array.isArray(given) ? (given as Record<string, unknown>[]) : []) {
    const { name, url, urlDisplayLabel } = one;
    if (typeof name !== 'string' || typeof url !== 'string' || !/^(https?:\/)?\//.test(url)) {
      continue;
    }
    const title = typeof urlDisplayLabel === 'string' ? urlDisplayLabel : url;
    links.set(name, { title, url });
  }
  return links;
}
