/** What a variable's query asks a Prometheus for. Selectors are texts of PromQL. */
export type MetricFind =
  | { readonly kind: 'labelValues'; readonly label: string; readonly selector?: string }
  | { readonly kind: 'metrics'; readonly regex: string }
  | { readonly kind: 'labelNames'; readonly regex?: string }
  | { readonly kind: 'queryResult'; readonly expr: string }
  | { readonly kind: 'series'; readonly selector: string };

/** Longer texts are no query that somebody wrote. */
const maxQueryLength = 100_000;

/**
 * The text of a variable's query, variables put in, to a plan. The label of `label_values` is what
 * follows the last comma, so that selectors may have commas. Undefined: there is nothing to ask.
 */
export function parseMetricFind(text: string): MetricFind | undefined {
  const query = text.trim();
  if (query === '' || query.length > maxQueryLength) return undefined;
  const call = /^(label_values|label_names|metrics|query_result)\(([\s\S]*)\)\s*$/.exec(query);
  if (call === null) return { kind: 'series', selector: query };
  const argument = call[2]!.trim();
  switch (call[1]) {
    case 'label_names':
      return argument === '' ? { kind: 'labelNames' } : { kind: 'labelNames', regex: argument };
    case 'metrics':
      return { kind: 'metrics', regex: argument };
    case 'query_result':
      return argument === '' ? undefined : { kind: 'queryResult', expr: argument };
    default:
      return labelValues(argument, query);
  }
}

function labelValues(argument: string, query: string): MetricFind | undefined {
  const comma = argument.lastIndexOf(',');
  const label = argument.slice(comma + 1).trim();
  // `label_values(up{job="a"})` names no label: a selector like any other text.
  if (!/^[^\s{}()"'=,]+$/.test(label)) return { kind: 'series', selector: query };
  const selector = argument.slice(0, Math.max(0, comma)).trim();
  return selector === '' || selector === '{}'
    ? { kind: 'labelValues', label }
    : { kind: 'labelValues', label, selector };
}

export interface SeriesLabels {
  readonly [label: string]: string;
}

/** A series as PromQL writes it: `name{a="b",c="d"}`. */
export function seriesText(labels: SeriesLabels): string {
  const { __name__: name = '', ...rest } = labels;
  const pairs = Object.entries(rest).map(([key, value]) => `${key}="${value}"`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}
