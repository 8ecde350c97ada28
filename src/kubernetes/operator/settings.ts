import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts';
import { SpecReader } from './reader.ts';
import { readSelector } from './selector.ts';

export type MonitorKind =
  | 'PodMonitor'
  | 'ServiceMonitor'
  | 'Probe'
  | 'ScrapeConfig'
  | 'PrometheusRule';

export const monitorKinds: readonly MonitorKind[] = [
  'PodMonitor',
  'ServiceMonitor',
  'Probe',
  'ScrapeConfig',
  'PrometheusRule',
];

/** Which objects of a kind count. An undefined selector fits nothing, an empty one everything. */
export interface Choice {
  readonly selector: LabelSelector | undefined;
  /** Undefined: the namespace of the settings alone. */
  readonly namespaceSelector: LabelSelector | undefined;
}

/** Least of what objects ask for and of what is allowed; undefined: nothing is said. */
export interface EnforcedLimits {
  readonly sampleLimit: number | undefined;
  readonly targetLimit: number | undefined;
  readonly labelLimit: number | undefined;
  readonly labelNameLengthLimit: number | undefined;
  readonly labelValueLengthLimit: number | undefined;
  readonly keepDroppedTargets: number | undefined;
  /** As it is written: `10MB`. */
  readonly bodySizeLimit: string | undefined;
}

export interface Excluded {
  readonly namespace: string;
  readonly resource: string;
  /** Undefined: all of that namespace. */
  readonly name: string | undefined;
}

/** What is chosen and how objects are read: a `Prometheus` object, or our configuration. */
export interface MonitorSettings {
  /** Where the settings stand. */
  readonly namespace: string;
  readonly choices: Readonly<Record<MonitorKind, Choice>>;
  readonly enforced: EnforcedLimits;
  readonly enforcedNamespaceLabel: string | undefined;
  readonly excluded: readonly Excluded[];
  readonly ignoreNamespaceSelectors: boolean;
  readonly overrideHonorLabels: boolean;
  readonly overrideHonorTimestamps: boolean;
  readonly podTargetLabels: readonly string[];
  readonly hasEndpointSlices: boolean;
  readonly mayReadFiles: boolean;
  readonly scrapeInterval: string | undefined;
  readonly scrapeTimeout: string | undefined;
  readonly evaluationInterval: string | undefined;
  readonly scrapeClasses: readonly SpecReader[];
  /** A secret's key with more jobs, of the settings' namespace. */
  readonly additionalScrapeConfigs: { readonly name: string; readonly key: string } | undefined;
}

const none: EnforcedLimits = {
  sampleLimit: undefined,
  targetLimit: undefined,
  labelLimit: undefined,
  labelNameLengthLimit: undefined,
  labelValueLengthLimit: undefined,
  keepDroppedTargets: undefined,
  bodySizeLimit: undefined,
};

/** What counts where no `Prometheus` object is named. */
export function plainSettings(
  namespace: string,
  choices: MonitorSettings['choices'],
): MonitorSettings {
  return {
    namespace,
    choices,
    enforced: none,
    enforcedNamespaceLabel: undefined,
    excluded: [],
    ignoreNamespaceSelectors: false,
    overrideHonorLabels: false,
    overrideHonorTimestamps: false,
    podTargetLabels: [],
    hasEndpointSlices: false,
    mayReadFiles: true,
    scrapeInterval: undefined,
    scrapeTimeout: undefined,
    evaluationInterval: undefined,
    scrapeClasses: [],
    additionalScrapeConfigs: undefined,
  };
}

const keyOfKind: Readonly<Record<MonitorKind, string>> = {
  PodMonitor: 'podMonitor',
  ServiceMonitor: 'serviceMonitor',
  Probe: 'probe',
  ScrapeConfig: 'scrapeConfig',
  PrometheusRule: 'rule',
};

/** The settings of a `Prometheus` object. @throws {InvalidObjectError} */
export function settingsOfPrometheus(namespace: string, value: unknown): MonitorSettings {
  const spec = new SpecReader(value, 'spec');
  const selector = (key: string): LabelSelector | undefined =>
    spec.has(key) ? readSelector(spec.child(key)) : undefined;
  const choice = (kind: MonitorKind): Choice => ({
    selector: selector(`${keyOfKind[kind]}Selector`),
    namespaceSelector: selector(`${keyOfKind[kind]}NamespaceSelector`),
  });
  const more = spec.child('additionalScrapeConfigs');
  return {
    namespace,
    choices: Object.fromEntries(
      monitorKinds.map((kind) => [kind, choice(kind)]),
    ) as unknown as MonitorSettings['choices'],
    enforced: {
      sampleLimit: spec.number('enforcedSampleLimit'),
      targetLimit: spec.number('enforcedTargetLimit'),
      labelLimit: spec.number('enforcedLabelLimit'),
      labelNameLengthLimit: spec.number('enforcedLabelNameLengthLimit'),
      labelValueLengthLimit: spec.number('enforcedLabelValueLengthLimit'),
      keepDroppedTargets: spec.number('enforcedKeepDroppedTargets'),
      bodySizeLimit: spec.text('enforcedBodySizeLimit'),
    },
    enforcedNamespaceLabel: spec.text('enforcedNamespaceLabel'),
    excluded: spec.children('excludedFromEnforcement').map((one) => ({
      namespace: one.text('namespace') ?? '',
      resource: one.text('resource') ?? '',
      name: one.text('name'),
    })),
    ignoreNamespaceSelectors: spec.flag('ignoreNamespaceSelectors') ?? false,
    overrideHonorLabels: spec.flag('overrideHonorLabels') ?? false,
    overrideHonorTimestamps: spec.flag('overrideHonorTimestamps') ?? false,
    podTargetLabels: spec.texts('podTargetLabels'),
    hasEndpointSlices: spec.text('serviceDiscoveryRole') === 'EndpointSlice',
    mayReadFiles: spec.child('arbitraryFSAccessThroughSMs')?.flag('deny') !== true,
    // The reference's own default, written into the object by its definition.
    scrapeInterval: spec.text('scrapeInterval') ?? '30s',
    scrapeTimeout: spec.text('scrapeTimeout'),
    evaluationInterval: spec.text('evaluationInterval') ?? '30s',
    scrapeClasses: spec.children('scrapeClasses'),
    additionalScrapeConfigs:
      more === undefined
        ? undefined
        : { name: more.text('name') ?? '', key: more.text('key') ?? '' },
  };
}

const resourceOfKind: Readonly<Record<MonitorKind, string>> = {
  PodMonitor: 'podmonitors',
  ServiceMonitor: 'servicemonitors',
  Probe: 'probes',
  ScrapeConfig: 'scrapeconfigs',
  PrometheusRule: 'prometheusrules',
};

/** The label that an object's series get its namespace in; undefined: none is enforced on it. */
export function enforcedLabelFor(
  settings: MonitorSettings,
  object: { readonly kind: MonitorKind; readonly namespace: string; readonly name: string },
): string | undefined {
  const isExcluded = settings.excluded.some(
    ({ namespace, resource, name }) =>
      namespace === object.namespace &&
      resource === resourceOfKind[object.kind] &&
      (name === undefined || name === object.name),
  );
  return isExcluded ? undefined : settings.enforcedNamespaceLabel;
}
