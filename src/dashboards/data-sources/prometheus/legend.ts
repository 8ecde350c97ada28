import { formatLabels, type Labels, labelValue } from '#metrics/model';

const metricNameLabel = '__name__';
/** The legend format that leaves the name to whoever draws. */
const autoFormat = '__auto';

/**
 * Names of series by the legend format, one each; undefined: none is forced, the panel makes one of the
 * labels.
 */
export function legendNames(
  series: readonly Labels[],
  legendFormat: string,
  expr: string,
): readonly (string | undefined)[] {
  if (legendFormat === '') {
    return series.map((labels) => (labels.length === 0 ? expr : formatLabels(labels)));
  }
  if (legendFormat !== autoFormat) return series.map((labels) => fill(legendFormat, labels));
  const common = series.length < 2 ? new Map<string, string>() : commonLabels(series);
  return series.map((labels) => {
    if (labels.length === 0) return expr;
    // After an aggregation all that is left is worth showing.
    if (labelValue(labels, metricNameLabel) === '') return undefined;
    const rest = withoutLabels(labels, common);
    return formatLabels(rest.length === 0 ? labels : rest);
  });
}

/** `{{ label }}` is replaced by its value, by nothing where there is none. */
function fill(format: string, labels: Labels): string {
  return format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, name: string) => labelValue(labels, name));
}

/** Labels that all have with the same value. */
function commonLabels(series: readonly Labels[]): ReadonlyMap<string, string> {
  const common = new Map<string, string>();
  const [first = [], ...others] = series;
  for (let at = 0; at < first.length; at += 2) common.set(first[at]!, first[at + 1]!);
  for (const labels of others) {
    for (const [name, value] of common) if (labelValue(labels, name) !== value) common.delete(name);
  }
  return common;
}

function withoutLabels(labels: Labels, names: ReadonlyMap<string, string>): Labels {
  const rest: string[] = [];
  for (let at = 0; at < labels.length; at += 2) {
    if (!names.has(labels[at]!)) rest.push(labels[at]!, labels[at + 1]!);
  }
  return rest;
}
