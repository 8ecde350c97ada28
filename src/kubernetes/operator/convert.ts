import { isAppError } from '#base';
import type { KubernetesObject } from '#kubernetes/client';
import {
  configKey,
  type GlobalConfig,
  loadScrapeConfigs,
  type ScrapeConfig,
} from '#metrics/config';
import type { RuleGroupConfig } from '#metrics/rules';
import type { Making, Section } from './job.ts';
import { podMonitorJobs, serviceMonitorJobs } from './monitors.ts';
import { probeJob } from './probe.ts';
import { InvalidObjectError, SpecReader } from './reader.ts';
import { PendingReferenceError, type ReferenceStore, References } from './references.ts';
import { ruleGroups } from './rules.ts';
import { scrapeConfigJob } from './scrape-config.ts';
import type { MonitorKind, MonitorSettings } from './settings.ts';

/** An object of one of the kinds, as the server has it. */
export interface MonitorObject extends KubernetesObject {
  readonly spec?: unknown;
}

/** What became of an object. */
export type Converted =
  | {
      readonly state: 'accepted';
      readonly jobs: readonly ScrapeConfig[];
      readonly groups: readonly RuleGroupConfig[];
    }
  /** Nobody's mistake: something that it needs is not known yet. */
  | { readonly state: 'pending'; readonly reason: string }
  | { readonly state: 'rejected'; readonly reason: string };

const makers: Readonly<Record<Exclude<MonitorKind, 'PrometheusRule'>, (m: Making) => Section[]>> = {
  PodMonitor: podMonitorJobs,
  ServiceMonitor: serviceMonitorJobs,
  Probe: (making) => [probeJob(making)],
  ScrapeConfig: (making) => [scrapeConfigJob(making)],
};

export interface ConvertDeps {
  readonly settings: MonitorSettings;
  readonly global: GlobalConfig;
  readonly references: Pick<ReferenceStore, 'read'>;
}

/** An object to jobs or groups of rules. */
export function convert(
  kind: MonitorKind,
  object: MonitorObject,
  { settings, global, references: store }: ConvertDeps,
): Converted & { readonly references: ReadonlySet<string> } {
  const { namespace = '', name = '' } = object.metadata ?? {};
  const references = new References(store, namespace);
  try {
    const spec = new SpecReader(object.spec ?? {}, 'spec');
    const making: Making = { kind, namespace, name, spec, settings, references };
    const isRule = kind === 'PrometheusRule';
    return {
      state: 'accepted',
      jobs: isRule ? [] : jobsOf(makers[kind](making), global),
      groups: isRule ? ruleGroups(making) : [],
      references: references.keys,
    };
  } catch (error) {
    const known = references.keys;
    if (error instanceof PendingReferenceError) {
      return { state: 'pending', reason: `waits for ${error.message}`, references: known };
    }
    if (!(error instanceof InvalidObjectError)) throw error;
    return { state: 'rejected', reason: error.message, references: known };
  }
}

/** Jobs as a prometheus.yml would have them. @throws {InvalidObjectError} */
export function jobsOf(
  sections: readonly Section[],
  global: GlobalConfig,
): readonly ScrapeConfig[] {
  try {
    return loadScrapeConfigs(JSON.stringify({ scrape_configs: sections }), '/', global);
  } catch (error) {
    throw invalidJobs(error, sections.length);
  }
}

interface Problem {
  readonly key: string;
  readonly message: string;
}

/** The problems of a configuration, in the words of one who has not written it. */
function invalidJobs(error: unknown, count: number): unknown {
  if (!isAppError(error, 'METRICS_CONFIG_INVALID')) return error;
  const problems = (error.details?.['problems'] ?? []) as readonly Problem[];
  const lines = problems.map(({ key, message }) => {
    const [, index = '', rest = ''] = /^scrape_configs\[(\d+)\]\.?(.*)$/.exec(key) ?? [];
    const where = count > 1 ? `endpoint ${index}` : '';
    return [where, rest, message].filter((part) => part !== '').join(': ');
  });
  return new InvalidObjectError('', lines.join('; '));
}

/** Equal for conversions that must come out equal. */
export const keyOfConversion = (settings: MonitorSettings, global: GlobalConfig): string =>
  configKey([
    { ...settings, scrapeClasses: settings.scrapeClasses.map((one) => one.plain) },
    global,
  ]);
