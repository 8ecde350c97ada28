import { AppError } from '#base';
import type { NameValidation, ScrapeConfig } from '#metrics/config';
import {
  compareText,
  formatLabels,
  isPlainLabelName,
  isPlainMetricName,
  type Labels,
  labelsOfMap,
  metricNameLabel,
} from '#metrics/model';
import { relabelInPlace } from '#metrics/relabel';

type LabelConfig = Pick<
  ScrapeConfig,
  | 'honorLabels'
  | 'metricRelabelConfigs'
  | 'metricNameValidationScheme'
  | 'labelLimit'
  | 'labelNameLengthLimit'
  | 'labelValueLengthLimit'
>;

/**
 * What a scraped series is called in the store: target labels, conflicts, metric relabelling, checks.
 * Undefined: relabelling dropped it.
 * @param pairs names and values in turn as they were scraped, empty values too
 * @throws {AppError} SCRAPE_SAMPLE_INVALID, SCRAPE_LIMIT: the whole scrape fails
 *
 * Source: `scrape/scrape.go` of Prometheus 3 (`mutateSampleLabels`, `verifyLabelLimits`).
 */
export function sampleLabels(
  pairs: readonly string[],
  target: Labels,
  config: LabelConfig,
): Labels | undefined {
  if (isPlain(config)) {
    const plain = joined(pairs, target);
    if (plain !== undefined) return plain;
  }
  const scraped = new Map<string, string>();
  for (let at = 0; at < pairs.length; at += 2) {
    const name = pairs[at]!;
    if (scraped.has(name)) {
      throw invalidSample(`label name "${name}" is not unique: invalid sample`);
    }
    scraped.set(name, pairs[at + 1]!);
  }
  const labels = new Map<string, string>();
  for (const [name, value] of scraped) if (value !== '') labels.set(name, value);
  if (config.honorLabels) {
    // An empty scraped value says that the target's label is not wanted.
    for (let at = 0; at < target.length; at += 2) {
      if (!scraped.has(target[at]!)) labels.set(target[at]!, target[at + 1]!);
    }
  } else takeTargetLabels(labels, target);
  if (!relabelInPlace(config.metricRelabelConfigs, labels)) return undefined;
  const result = labelsOfMap(labels);
  checkNames(labels, result, config.metricNameValidationScheme);
  checkLimits(labels, config);
  return result;
}

/** Nothing looks at the labels: most jobs. */
const isPlain = (config: LabelConfig): boolean =>
  config.metricRelabelConfigs.length === 0 &&
  config.metricNameValidationScheme === 'utf8' &&
  config.labelLimit + config.labelNameLengthLimit + config.labelValueLengthLimit === 0;

/**
 * Both sets in order, without making maps of them: a new target has thousands of series at once.
 * Undefined where they are not just put together: a name twice, an empty name or value.
 */
function joined(pairs: readonly string[], target: Labels): Labels | undefined {
  const flat: string[] = new Array<string>(pairs.length + target.length);
  let length = 0;
  for (const part of [pairs, target]) {
    for (let at = 0; at < part.length; at += 2) {
      const name = part[at]!;
      const value = part[at + 1]!;
      if (name === '' || value === '') return undefined;
      let to = length;
      for (; to > 0; to -= 2) {
        const order = compareText(flat[to - 2]!, name);
        if (order === 0) return undefined;
        if (order < 0) break;
        flat[to] = flat[to - 2]!;
        flat[to + 1] = flat[to - 1]!;
      }
      flat[to] = name;
      flat[to + 1] = value;
      length += 2;
    }
  }
  return flat;
}

function takeTargetLabels(labels: Map<string, string>, target: Labels): void {
  const conflicts: [string, string][] = [];
  for (let at = 0; at < target.length; at += 2) {
    const name = target[at]!;
    const scraped = labels.get(name);
    if (scraped !== undefined) conflicts.push([name, scraped]);
    labels.set(name, target[at + 1]!);
  }
  conflicts.sort(([a], [b]) => a.length - b.length);
  for (const [name, value] of conflicts) {
    let free = `exported_${name}`;
    while (labels.has(free)) free = `exported_${free}`;
    labels.set(free, value);
  }
}

/** The labels of a series that a scrape reports about itself. */
export function reportLabels(name: string, target: Labels): Labels {
  const labels = new Map<string, string>([[metricNameLabel, name]]);
  for (let at = 0; at < target.length; at += 2) {
    const label = target[at]!;
    const taken = labels.get(label);
    if (taken !== undefined) labels.set(`exported_${label}`, taken);
    labels.set(label, target[at + 1]!);
  }
  return labelsOfMap(labels);
}

function checkNames(
  map: ReadonlyMap<string, string>,
  labels: Labels,
  scheme: NameValidation,
): void {
  const name = map.get(metricNameLabel);
  if (name === undefined) throw invalidSample('missing metric name (__name__ label)');
  const isLegacy = scheme === 'legacy';
  const isBad =
    (isLegacy && !isPlainMetricName(name)) ||
    [...map.keys()].some((label) => label === '' || (isLegacy && !isPlainLabelName(label)));
  if (isBad) throw invalidSample(`invalid metric name or label names: ${formatLabels(labels)}`);
}

const shown = (text: string): string => [...text].slice(0, 50).join('');

function checkLimits(labels: ReadonlyMap<string, string>, config: LabelConfig): void {
  const { labelLimit, labelNameLengthLimit, labelValueLengthLimit } = config;
  if (labelLimit + labelNameLengthLimit + labelValueLengthLimit === 0) return;
  const metric = shown(labels.get(metricNameLabel) ?? '');
  if (labelLimit > 0 && labels.size > labelLimit) {
    throw limitExceeded(
      `label_limit exceeded (metric: ${metric}, number of labels: ${labels.size}, limit: ${labelLimit})`,
    );
  }
  for (const [name, value] of labels) {
    const nameBytes = Buffer.byteLength(name);
    if (labelNameLengthLimit > 0 && nameBytes > labelNameLengthLimit) {
      throw limitExceeded(
        `label_name_length_limit exceeded (metric: ${metric}, label name: ${shown(name)}, length: ${nameBytes}, limit: ${labelNameLengthLimit})`,
      );
    }
    const valueBytes = Buffer.byteLength(value);
    if (labelValueLengthLimit > 0 && valueBytes > labelValueLengthLimit) {
      throw limitExceeded(
        `label_value_length_limit exceeded (metric: ${metric}, label name: ${shown(name)}, value: "${shown(value)}", length: ${valueBytes}, limit: ${labelValueLengthLimit})`,
      );
    }
  }
}

const invalidSample = (message: string): AppError => new AppError('SCRAPE_SAMPLE_INVALID', message);

export const limitExceeded = (
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): AppError =>
  new AppError('SCRAPE_LIMIT', message, {
    hint: 'Raise the limit of this job, or drop series with metric_relabel_configs',
    details,
  });
