import type { SpecReader } from './reader.ts';
import type { References } from './references.ts';
import { enforcedLabelFor, type MonitorKind, type MonitorSettings } from './settings.ts';
import { parseBase2BytesText } from './sizes.ts';

/** A part of a prometheus.yml, with the keys that it has there. */
export type Section = Record<string, unknown>;
/** A relabelling rule as it is written. */
export type Rule = Readonly<Record<string, unknown>>;

/** What a job is made from. */
export interface Making {
  readonly kind: MonitorKind;
  readonly namespace: string;
  readonly name: string;
  readonly spec: SpecReader;
  readonly settings: MonitorSettings;
  /** Secrets and ConfigMaps of the object's namespace. */
  readonly references: References;
}

/** The first rule of every job: its name stays known to the rules after it. */
export const firstRule: Rule = {
  source_labels: ['job'],
  target_label: '__tmp_prometheus_job_name',
};

export const runningRule: Rule = {
  action: 'drop',
  source_labels: ['__meta_kubernetes_pod_phase'],
  regex: '(Failed|Succeeded)',
};

export const copyRule = (from: string, to: string): Rule => ({
  source_labels: [from],
  target_label: to,
});

/** Copies a label where the object has it. */
export const copyPresentRule = (from: string, to: string): Rule => ({
  source_labels: [from],
  target_label: to,
  regex: '(.+)',
  replacement: '${1}',
});

export const setRule = (label: string, value: string): Rule => ({
  target_label: label,
  replacement: value,
});

export const keepRule = (label: string, pattern: string | number): Rule => ({
  action: 'keep',
  source_labels: [label],
  regex: String(pattern),
});

/** Rules as an object has them: camel case, actions in any case. */
export function rulesOf(spec: SpecReader | undefined, key: string): Rule[] {
  return (spec?.children(key) ?? []).map((rule) => {
    const written: Section = {};
    if (rule.texts('sourceLabels').length > 0)
      written['source_labels'] = rule.texts('sourceLabels');
    // Empty texts count in these two.
    for (const name of ['separator', 'replacement']) {
      const value = rule.raw(name);
      if (value === undefined) continue;
      if (typeof value !== 'string') throw rule.error(name, 'expected text');
      written[name] = value;
    }
    put(written, 'target_label', rule.text('targetLabel'));
    put(written, 'regex', rule.text('regex'));
    put(written, 'modulus', rule.number('modulus') || undefined);
    put(written, 'action', rule.text('action')?.toLowerCase());
    return written;
  });
}

/** The scrape class that an object names, or the one for objects that name none. */
export function scrapeClassOf({ spec, settings }: Making): SpecReader | undefined {
  const name = spec.text('scrapeClass');
  if (name === undefined) {
    return settings.scrapeClasses.find((one) => one.flag('default') === true);
  }
  const found = settings.scrapeClasses.find((one) => one.text('name') === name);
  if (found === undefined) {
    throw spec.error(
      'scrapeClass',
      `"${name}" is not in the scrapeClasses of the Prometheus object`,
    );
  }
  return found;
}

/** The object's rules, then the one that nobody can undo. */
export function withNamespaceRule(making: Making, rules: readonly Rule[]): Rule[] {
  const label = enforcedLabelFor(making.settings, making);
  return label === undefined ? [...rules] : [...rules, setRule(label, making.namespace)];
}

export function addMetricRules(
  job: Section,
  making: Making,
  scrapeClass: SpecReader | undefined,
  rules: readonly Rule[],
): void {
  const all = [...rulesOf(scrapeClass, 'metricRelabelings'), ...withNamespaceRule(making, rules)];
  if (all.length > 0) job['metric_relabel_configs'] = all;
}

export function put(to: Section, key: string, value: unknown): void {
  if (value !== undefined) to[key] = value;
}

/** `honor_timestamps` and its like: what the settings override, the object cannot. */
export function addHonor(job: Section, from: SpecReader, settings: MonitorSettings): void {
  job['honor_labels'] = settings.overrideHonorLabels ? false : (from.flag('honorLabels') ?? false);
  const honor = from.flag('honorTimestamps');
  if (honor !== undefined || settings.overrideHonorTimestamps) {
    job['honor_timestamps'] = (honor ?? false) && !settings.overrideHonorTimestamps;
  }
  put(job, 'track_timestamps_staleness', from.flag('trackTimestampsStaleness'));
}

/** Interval and time-out of an endpoint, or those that the settings have for all. */
export function addTimes(
  job: Section,
  from: SpecReader,
  settings: MonitorSettings,
  keys: { readonly interval: string; readonly timeout: string },
): void {
  put(job, 'scrape_interval', from.text(keys.interval) ?? settings.scrapeInterval);
  put(job, 'scrape_timeout', from.text(keys.timeout) ?? settings.scrapeTimeout);
}

const limits = [
  ['sample_limit', 'sampleLimit'],
  ['target_limit', 'targetLimit'],
  ['label_limit', 'labelLimit'],
  ['label_name_length_limit', 'labelNameLengthLimit'],
  ['label_value_length_limit', 'labelValueLengthLimit'],
  ['keep_dropped_targets', 'keepDroppedTargets'],
] as const;

/** Limits, protocols and histograms of an object. */
export function addLimits(job: Section, making: Making, scrapeClass: SpecReader | undefined): void {
  const { spec, settings } = making;
  for (const [key, name] of limits) {
    put(job, key, lower(spec.number(name), settings.enforced[name]));
  }
  put(job, 'scrape_native_histograms', spec.flag('scrapeNativeHistograms'));
  put(job, 'native_histogram_bucket_limit', spec.number('nativeHistogramBucketLimit'));
  put(
    job,
    'native_histogram_min_bucket_factor',
    spec.textOrNumber('nativeHistogramMinBucketFactor'),
  );
  put(job, 'always_scrape_classic_histograms', spec.flag('scrapeClassicHistograms'));
  put(job, 'convert_classic_histograms_to_nhcb', spec.flag('convertClassicHistogramsToNHCB'));
  const protocols = spec.texts('scrapeProtocols');
  if (protocols.length > 0) job['scrape_protocols'] = protocols;
  const fallback =
    spec.text('fallbackScrapeProtocol') ?? scrapeClass?.text('fallbackScrapeProtocol');
  put(job, 'fallback_scrape_protocol', fallback);
  const enforced = settings.enforced.bodySizeLimit;
  const own = spec.text('bodySizeLimit');
  const isLower =
    own !== undefined &&
    (enforced === undefined || parseBase2BytesText(own) <= parseBase2BytesText(enforced));
  put(job, 'body_size_limit', isLower ? own : enforced);
}

/** 0 is no limit. */
function lower(own: number | undefined, enforced: number | undefined): number | undefined {
  if ((enforced ?? 0) === 0) return own;
  return (own ?? 0) === 0 ? enforced : Math.min(own ?? 0, enforced ?? 0);
}

/** Where a monitor's namespaces are said: none means all. */
export function namespacesOf(
  { spec, settings, namespace }: Making,
  from: SpecReader = spec,
): string[] {
  if (settings.ignoreNamespaceSelectors) return [namespace];
  const selector = from.child('namespaceSelector');
  if (selector?.flag('any') === true) return [];
  const names = selector?.texts('matchNames') ?? [];
  return names.length === 0 ? [namespace] : [...names];
}

/** One entry of `kubernetes_sd_configs`. */
export function discoveryOf(
  role: string,
  namespaces: readonly string[],
  attachMetadata: SpecReader | undefined,
): Section {
  return {
    role,
    ...(namespaces.length === 0 ? {} : { namespaces: { names: namespaces } }),
    ...(attachMetadata === undefined
      ? {}
      : { attach_metadata: { node: attachMetadata.flag('node') ?? false } }),
  };
}
