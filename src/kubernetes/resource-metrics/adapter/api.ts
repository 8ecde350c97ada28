import type { Clock } from '#base';
import type { ApiDiscovery, ServedResource } from '#kubernetes/client';
import { type LabelRequirement, labelRequirements, SelectorError } from '#kubernetes/cluster';
import {
  type Labels,
  labelsToRecord,
  labelValue,
  metricNameLabel,
  type Queryable,
} from '#metrics/model';
import type { PromqlEngine } from '#metrics/promql';
import { type ApiAnswer, failure, timeText } from '../status.ts';
import type { AdapterConfig } from './contract.ts';
import { type ListedMetric, MetricsLister } from './metrics-list.ts';
import { milliText } from './milli-text.ts';
import type { ApiPath } from './path.ts';
import { labelOf, type QueryParts, queryOf, requirementMatcher } from './query.ts';
import { resourcesOf } from './resources.ts';

export const customGroup = 'custom.metrics.k8s.io';
export const externalGroup = 'external.metrics.k8s.io';

/** Versions by group, the preferred one first. */
export const adapterVersions: ReadonlyMap<string, readonly string[]> = new Map([
  [customGroup, ['v1beta2', 'v1beta1']],
  [externalGroup, ['v1beta1']],
]);

export interface AdapterDeps {
  readonly config: () => AdapterConfig;
  readonly engine: PromqlEngine;
  readonly store: Queryable;
  readonly clock: Clock;
  readonly discovery: Pick<ApiDiscovery, 'lookUp'>;
  /** Names of the objects that a selector chooses. @throws {KubernetesError} */
  readonly objects: (
    type: ServedResource,
    options: { readonly namespace: string | undefined; readonly labelSelector: string },
    signal: AbortSignal,
  ) => Promise<readonly string[]>;
}

interface Asked {
  readonly path: ApiPath;
  readonly url: URL;
  readonly signal: AbortSignal;
}

const namespaces = { group: '', resource: 'namespaces', singular: 'namespace' };

/** `custom.metrics.k8s.io` and `external.metrics.k8s.io`: metrics by rules, answered by PromQL. */
export class AdapterApi {
  readonly #deps: AdapterDeps;
  readonly #custom: MetricsLister;
  readonly #external: MetricsLister;

  constructor(deps: AdapterDeps) {
    this.#deps = deps;
    this.#custom = new MetricsLister(() => deps.config().rules, deps.store, deps.clock);
    this.#external = new MetricsLister(() => deps.config().externalRules, deps.store, deps.clock);
  }

  /** Resources of a version: what there is of metrics. */
  async resources(group: string, signal: AbortSignal): Promise<readonly unknown[]> {
    if (group === externalGroup) {
      const names = [...(await this.#external.list(signal)).keys()].sort();
      return names.map((name) => listed(name, 'ExternalMetricValueList', true));
    }
    const found = new Map<string, boolean>();
    for (const [name, metrics] of await this.#custom.list(signal)) {
      for (const metric of metrics) {
        for (const type of await resourcesOf(metric, this.#deps.discovery)) {
          const suffix = type.group === '' ? '' : `.${type.group}`;
          found.set(`${type.resource}${suffix}/${name}`, type.namespaced);
        }
      }
    }
    return [...found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, isNamespaced]) => listed(name, 'MetricValueList', isNamespaced));
  }

  /** @throws what the API server, the store and the engine throw */
  async answer(asked: Asked): Promise<ApiAnswer> {
    try {
      return asked.path.group === externalGroup
        ? await this.#answerExternal(asked)
        : await this.#answerCustom(asked);
    } catch (error) {
      if (error instanceof SelectorError) return failure(400, 'BadRequest', error.message);
      throw error;
    }
  }

  async #answerCustom({ path, url, signal }: Asked): Promise<ApiAnswer> {
    const wanted = wantedOf(path);
    if (wanted === undefined) return notServed;
    const { metric: name, objectName } = wanted;
    const missing = (): ApiAnswer =>
      failure(
        404,
        'NotFound',
        `the server could not find the metric ${name} for ${wanted.resource}${objectName === '*' ? '' : ` ${objectName}`}`,
      );
    const type = await this.#typeOf(wanted.resource);
    if (type === undefined) return missing();
    const found = await this.#find(name, type, signal);
    if (found === undefined) return missing();
    const { metric, label } = found;
    const labelSelector = url.searchParams.get('labelSelector') ?? '';
    const isAll = objectName === '*';
    const names = isAll
      ? await this.#deps.objects(type, { namespace: path.namespace, labelSelector }, signal)
      : [objectName];
    const values = new Map<string, readonly string[]>();
    const namespaceLabel = type.namespaced ? labelOf(metric.rule.labels, namespaces) : undefined;
    if (namespaceLabel !== undefined && path.namespace !== undefined) {
      values.set(namespaceLabel, [path.namespace]);
    }
    values.set(label, names);
    const metricSelector = url.searchParams.get('metricLabelSelector') ?? '';
    const parts = { values, requirements: labelRequirements(metricSelector), groupBy: [label] };
    const series = names.length === 0 ? [] : await this.#run(metric, parts, signal);
    const wantedNames = new Set(names);
    const items = series
      .filter(({ labels }) => wantedNames.has(labelValue(labels, label)))
      .map(({ labels, value, timeMs }) => ({
        describedObject: {
          kind: type.kind,
          ...(type.namespaced ? { namespace: path.namespace } : {}),
          name: labelValue(labels, label),
          apiVersion: type.group === '' ? type.version : `${type.group}/${type.version}`,
        },
        ...(path.version === 'v1beta1'
          ? { metricName: name, selector: null }
          : { metric: { name, selector: null } }),
        timestamp: timeText(timeMs),
        value: milliText(value),
      }));
    return items.length === 0 && !isAll ? missing() : listOf(path, 'MetricValueList', items);
  }

  async #answerExternal({ path, url, signal }: Asked): Promise<ApiAnswer> {
    const { namespace, resource: name } = path;
    if (namespace === undefined || path.name !== undefined) return notServed;
    const ask = async (isFresh: boolean): Promise<ListedMetric | undefined> =>
      (await this.#external.list(signal, isFresh)).get(name)?.[0];
    const metric = (await ask(false)) ?? (await ask(true));
    if (metric === undefined) {
      return failure(404, 'NotFound', `the server could not find the metric ${name}`);
    }
    const { labels } = metric.rule;
    const label = labels.isNamespaced ? labelOf(labels, namespaces) : undefined;
    const values = new Map(
      label !== undefined && metric.labels.has(label) ? [[label, [namespace]]] : [],
    );
    const requirements = labelRequirements(url.searchParams.get('labelSelector') ?? '');
    const series = await this.#run(metric, { values, requirements, groupBy: [] }, signal);
    const items = series.map(({ labels: own, value, timeMs }) => {
      const { [metricNameLabel]: _, ...metricLabels } = labelsToRecord(own);
      return {
        metricName: name,
        metricLabels,
        timestamp: timeText(timeMs),
        value: milliText(value),
      };
    });
    return listOf(path, 'ExternalMetricValueList', items);
  }

  /** The metric of this name whose series name objects of the resource, and the label that does. */
  async #find(
    name: string,
    type: ServedResource,
    signal: AbortSignal,
  ): Promise<{ readonly metric: ListedMetric; readonly label: string } | undefined> {
    for (const isFresh of [false, true]) {
      for (const metric of (await this.#custom.list(signal, isFresh)).get(name) ?? []) {
        const label = labelOf(metric.rule.labels, type);
        if (label !== undefined && metric.labels.has(label)) return { metric, label };
      }
    }
    return undefined;
  }

  #typeOf(text: string): Promise<ServedResource | undefined> {
    const dot = text.indexOf('.');
    const { discovery } = this.#deps;
    return dot < 0
      ? discovery.lookUp(text)
      : discovery.lookUp(text.slice(0, dot), text.slice(dot + 1));
  }

  async #run(
    { rule, series }: ListedMetric,
    parts: Pick<QueryParts, 'values' | 'groupBy'> & {
      readonly requirements: readonly LabelRequirement[];
    },
    signal: AbortSignal,
  ): Promise<readonly Value[]> {
    const { values, groupBy, requirements } = parts;
    const matchers = requirements.map(requirementMatcher);
    const query = queryOf(rule.query, { series, values, matchers, groupBy });
    return await ask(this.#deps, query, signal);
  }
}

export interface Value {
  readonly labels: Labels;
  readonly timeMs: number;
  readonly value: number;
}

/** A query's values now. A scalar is one without labels. @throws {AppError} of the engine */
export async function ask(
  { engine, clock }: Pick<AdapterDeps, 'engine' | 'clock'>,
  query: string,
  signal: AbortSignal,
): Promise<readonly Value[]> {
  const { value } = await engine.instant(query, clock.nowMs(), {}, signal);
  if (value.type === 'scalar') return [{ labels: [], timeMs: value.timeMs, value: value.value }];
  if (value.type !== 'vector') return [];
  return value.series.flatMap(({ labels, timesMs, values }) =>
    values.length === 0 ? [] : [{ labels, timeMs: timesMs[0] ?? 0, value: values[0] ?? 0 }],
  );
}

/** `RESOURCE/NAME/METRIC`, or `metrics/METRIC` of a namespace itself. */
function wantedOf({
  namespace,
  resource,
  name,
  subresource,
}: ApiPath):
  | { readonly resource: string; readonly objectName: string; readonly metric: string }
  | undefined {
  if (namespace !== undefined && resource === 'metrics' && subresource === undefined) {
    if (name === undefined) return undefined;
    return { resource: 'namespaces', objectName: namespace, metric: name };
  }
  if (name === undefined || subresource === undefined) return undefined;
  return { resource, objectName: name, metric: subresource };
}

const listed = (name: string, kind: string, namespaced: boolean): unknown => ({
  name,
  singularName: '',
  namespaced,
  kind,
  verbs: ['get'],
});

const listOf = ({ group, version }: ApiPath, kind: string, items: unknown): ApiAnswer => ({
  status: 200,
  body: { kind, apiVersion: `${group}/${version}`, metadata: {}, items },
});

const notServed = failure(404, 'NotFound', 'the server could not find the requested resource');
