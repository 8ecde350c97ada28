import { isMap, isScalar, type Node } from 'yaml';
import {
  defaultScrapeProtocols,
  type EscapingScheme,
  nativeScrapeProtocols,
  type ScrapeProtocol,
  scrapeProtocols,
} from '#metrics/exposition';
import type { RelabelRule } from '#metrics/relabel';
import {
  type DiscoveryConfig,
  discoveryFields,
  otherMechanisms,
  withAddresses,
} from './discovery-fields.ts';
import {
  choice,
  count,
  decimal,
  duration,
  type Field,
  type Fields,
  flag,
  list,
  optional,
  path,
  record,
  relabelRules,
  section,
  size,
  text,
} from './fields.ts';
import type { GlobalConfig } from './global-fields.ts';
import { checkHttpClient, type HttpClientConfig, httpClientFields } from './http-fields.ts';

/** What a job and `global` can both say; a job's value counts where it has one. */
export interface ScrapeLimits {
  /** 0 in all of these: no limit. */
  readonly bodySizeLimitBytes: number;
  readonly sampleLimit: number;
  readonly targetLimit: number;
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
  /** Dropped targets kept for display; 0: all. */
  readonly keepDroppedTargets: number;
}

export type NameValidation = 'utf8' | 'legacy';

/** A job with all defaults filled in. */
export interface ScrapeConfig extends ScrapeLimits, DiscoveryConfig, HttpClientConfig {
  readonly jobName: string;
  readonly honorLabels: boolean;
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  readonly params: Readonly<Record<string, readonly string[]>>;
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  readonly scrapeProtocols: readonly ScrapeProtocol[];
  readonly fallbackScrapeProtocol: ScrapeProtocol | undefined;
  readonly scrapeNativeHistograms: boolean;
  readonly alwaysScrapeClassicHistograms: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  readonly extraScrapeMetrics: boolean;
  readonly scrapeFailureLogFile: string | undefined;
  readonly metricsPath: string;
  readonly scheme: 'http' | 'https';
  readonly enableCompression: boolean;
  readonly nativeHistogramBucketLimit: number;
  readonly nativeHistogramMinBucketFactor: number;
  readonly metricNameValidationScheme: NameValidation;
  readonly metricNameEscapingScheme: EscapingScheme;
  readonly relabelConfigs: readonly RelabelRule[];
  readonly metricRelabelConfigs: readonly RelabelRule[];
}

/** Keys whose absence means the value of `global`. */
type Inherited =
  | keyof ScrapeLimits
  | 'scrapeIntervalMs'
  | 'scrapeTimeoutMs'
  | 'scrapeProtocols'
  | 'fallbackScrapeProtocol'
  | 'scrapeNativeHistograms'
  | 'alwaysScrapeClassicHistograms'
  | 'convertClassicHistogramsToNhcb'
  | 'extraScrapeMetrics'
  | 'scrapeFailureLogFile'
  | 'metricNameValidationScheme'
  | 'metricNameEscapingScheme';

/** A job as it is written. */
export type WrittenScrapeConfig = Omit<ScrapeConfig, Inherited> & {
  readonly [K in Inherited]: ScrapeConfig[K] | undefined;
};

export const protocolList: Field<readonly ScrapeProtocol[]> = {
  absent: () => [],
  read: (node, reader, at) => {
    const found = list(choice(scrapeProtocols, 'PrometheusText0.0.4')).read(node, reader, at);
    if (new Set(found).size < found.length) {
      reader.problem(node, at, {
        message: `duplicated protocol in scrape_protocols, got [${found.join(' ')}]`,
      });
    }
    return found;
  },
};

export const escapingChoice: Field<EscapingScheme> = choice(
  ['allow-utf-8', 'underscores', 'dots', 'values'],
  'allow-utf-8',
);
export const validationChoice: Field<NameValidation> = choice(['utf8', 'legacy'], 'utf8');

export const limitFields: { readonly [K in keyof ScrapeLimits]: Field<number> } = {
  bodySizeLimitBytes: size(0),
  sampleLimit: count(0),
  targetLimit: count(0),
  labelLimit: count(0),
  labelNameLengthLimit: count(0),
  labelValueLengthLimit: count(0),
  keepDroppedTargets: count(0),
};

const optionalLimits = Object.fromEntries(
  Object.entries(limitFields).map(([name, field]) => [name, optional(field)]),
) as { readonly [K in keyof ScrapeLimits]: Field<number | undefined> };

const fields: Fields<WrittenScrapeConfig> = {
  jobName: text(),
  honorLabels: flag(false),
  honorTimestamps: flag(true),
  trackTimestampsStaleness: flag(false),
  params: record(list(text())),
  scrapeIntervalMs: optional(duration(0)),
  scrapeTimeoutMs: optional(duration(0)),
  scrapeProtocols: optional(protocolList),
  fallbackScrapeProtocol: optional(choice(scrapeProtocols, 'PrometheusText0.0.4')),
  scrapeNativeHistograms: optional(flag(false)),
  alwaysScrapeClassicHistograms: optional(flag(false)),
  convertClassicHistogramsToNhcb: optional(flag(false)),
  extraScrapeMetrics: optional(flag(false)),
  scrapeFailureLogFile: optional(path),
  metricsPath: text('/metrics'),
  scheme: choice(['http', 'https'], 'http'),
  enableCompression: flag(true),
  nativeHistogramBucketLimit: count(0),
  nativeHistogramMinBucketFactor: decimal(0),
  metricNameValidationScheme: optional(validationChoice),
  metricNameEscapingScheme: optional(escapingChoice),
  relabelConfigs: relabelRules,
  metricRelabelConfigs: relabelRules,
  ...optionalLimits,
  ...discoveryFields,
  ...httpClientFields(true),
};

const known: Field<WrittenScrapeConfig> = withAddresses(
  section(fields, (value) => {
    if (value.jobName === '') return 'job_name is empty';
    return checkHttpClient(value);
  }),
);

/** A job; mechanisms of discovery that we do not have are taken out of it, with a warning. */
export const scrapeConfig: Field<WrittenScrapeConfig> = {
  absent: known.absent,
  read: (node, reader, at) => known.read(withoutOthers(node, reader, at), reader, at),
};

function withoutOthers(
  node: Node,
  reader: Parameters<Field<unknown>['read']>[1],
  at: string,
): Node {
  if (!isMap(node)) return node;
  const others = new Set(otherMechanisms.map((name) => `${name}_sd_configs`));
  const left = node.items.filter(({ key }) => {
    const name = isScalar(key) ? String(key.value) : '';
    if (!others.has(name)) return true;
    reader.warning(key as Node, `${at}.${name}`, `${name} gives no targets: it is not supported`);
    return false;
  });
  if (left.length === node.items.length) return node;
  const copy = node.clone() as typeof node;
  copy.items = left;
  return copy;
}

/** The job with what it inherits; a problem where its own values do not fit together. */
export function resolveScrapeConfig(
  written: WrittenScrapeConfig,
  global: GlobalConfig,
): { readonly config: ScrapeConfig; readonly problem: string | undefined } {
  const scrapeIntervalMs = written.scrapeIntervalMs || global.scrapeIntervalMs;
  const timeoutMs = written.scrapeTimeoutMs ?? 0;
  const problem =
    timeoutMs > scrapeIntervalMs
      ? `scrape timeout greater than scrape interval for scrape config with job name "${written.jobName}"`
      : undefined;
  const isNative = written.scrapeNativeHistograms ?? global.scrapeNativeHistograms;
  const given = written.scrapeProtocols ?? [];
  const inherited = global.scrapeProtocols.length > 0 ? global.scrapeProtocols : undefined;
  const validation = written.metricNameValidationScheme ?? global.metricNameValidationScheme;
  const limits = Object.fromEntries(
    (Object.keys(limitFields) as (keyof ScrapeLimits)[]).map((name) => [
      name,
      // As in the reference, 0 in a job does not lift a limit of `global`.
      written[name] || global[name],
    ]),
  ) as unknown as ScrapeLimits;
  const config: ScrapeConfig = {
    ...written,
    ...limits,
    scrapeIntervalMs,
    scrapeTimeoutMs: timeoutMs || Math.min(global.scrapeTimeoutMs, scrapeIntervalMs),
    scrapeProtocols:
      given.length > 0
        ? given
        : (inherited ?? (isNative ? nativeScrapeProtocols : defaultScrapeProtocols)),
    fallbackScrapeProtocol: written.fallbackScrapeProtocol ?? global.fallbackScrapeProtocol,
    scrapeNativeHistograms: isNative,
    alwaysScrapeClassicHistograms:
      written.alwaysScrapeClassicHistograms ?? global.alwaysScrapeClassicHistograms,
    convertClassicHistogramsToNhcb:
      written.convertClassicHistogramsToNhcb ?? global.convertClassicHistogramsToNhcb,
    extraScrapeMetrics: written.extraScrapeMetrics ?? global.extraScrapeMetrics,
    scrapeFailureLogFile: written.scrapeFailureLogFile ?? global.scrapeFailureLogFile,
    metricNameValidationScheme: validation,
    metricNameEscapingScheme:
      written.metricNameEscapingScheme ??
      global.metricNameEscapingScheme ??
      (validation === 'legacy' ? 'underscores' : 'allow-utf-8'),
  };
  return { config, problem };
}
