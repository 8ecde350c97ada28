import { createHash } from 'node:crypto';
import type { Container, PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts';
import type { KubernetesObject } from '#kubernetes/client';
import { type ClusterObjects, timeMsOf } from '#kubernetes/cluster';

/** Collections whose objects are compared with what they were. */
export type TrackedName =
  | 'deployments'
  | 'statefulsets'
  | 'daemonsets'
  | 'cronjobs'
  | 'horizontalpodautoscalers'
  | 'nodes'
  | 'configmaps'
  | 'secrets';

/** What is compared of a container of a template. */
export interface ContainerFacts {
  image: string;
  /** Requests and limits, as text. */
  resources: string;
}

export interface WorkloadFacts {
  uid: string;
  generation: number;
  /** Changes with each rollout. Undefined: its controller has not seen it yet. */
  revision: string | undefined;
  replicas: number | undefined;
  containers: Record<string, ContainerFacts>;
  /** Set by `kubectl rollout restart`. */
  restartedAt: string | undefined;
  /** CronJobs. */
  schedule?: string | undefined;
  suspended?: boolean | undefined;
}

export interface AutoscalerFacts {
  uid: string;
  minReplicas: number;
  maxReplicas: number;
  targets: string;
  target: string;
  /** It would scale further, but may not. */
  limited: 'no' | 'max' | 'min';
  limitedSince: string;
}

export interface NodeFacts {
  uid: string;
  conditions: Record<string, { status: string; since: string }>;
  unschedulable: boolean;
  /** When it was cordoned, as its taint says. */
  cordonedAt: string;
  version: string;
  osImage: string;
}

export interface ConfigFacts {
  uid: string;
  resourceVersion: string;
  /** A release of Helm: its revision and state. */
  release?: string | undefined;
}

export interface FactsOf {
  deployments: WorkloadFacts;
  statefulsets: WorkloadFacts;
  daemonsets: WorkloadFacts;
  cronjobs: WorkloadFacts;
  horizontalpodautoscalers: AutoscalerFacts;
  nodes: NodeFacts;
  configmaps: ConfigFacts;
  secrets: ConfigFacts;
}

export type Facts = FactsOf[TrackedName];

/** `Deployment` of `deployments`. */
export const kindOf: Readonly<Record<TrackedName, string>> = {
  deployments: 'Deployment',
  statefulsets: 'StatefulSet',
  daemonsets: 'DaemonSet',
  cronjobs: 'CronJob',
  horizontalpodautoscalers: 'HorizontalPodAutoscaler',
  nodes: 'Node',
  configmaps: 'ConfigMap',
  secrets: 'Secret',
};

export const trackedNames: readonly TrackedName[] = Object.keys(kindOf) as TrackedName[];

const revisionAnnotation = 'deployment.kubernetes.io/revision';
const daemonSetGeneration = 'deprecated.daemonset.template.generation';
const cordonTaint = 'node.kubernetes.io/unschedulable';
const restartAnnotation = 'kubectl.kubernetes.io/restartedAt';

type Reader<N extends TrackedName> = (object: ClusterObjects[N]) => FactsOf[N];

/** What counts of an object; everything else of it may change unnoticed. */
export const factsOf: { readonly [N in TrackedName]: Reader<N> } = {
  deployments: ({ metadata, spec }) => ({
    ...workload(metadata, spec?.template),
    revision: metadata?.annotations?.[revisionAnnotation],
    replicas: spec?.replicas ?? 1,
  }),
  statefulsets: ({ metadata, spec, status }) => ({
    ...workload(metadata, spec?.template),
    revision: status?.updateRevision,
    replicas: spec?.replicas ?? 1,
  }),
  daemonsets: ({ metadata, spec }) => ({
    ...workload(metadata, spec?.template),
    revision: metadata?.annotations?.[daemonSetGeneration] ?? templateHash(spec?.template),
    replicas: undefined,
  }),
  cronjobs: ({ metadata, spec }) => ({
    ...workload(metadata, spec?.jobTemplate.spec?.template),
    revision: templateHash(spec?.jobTemplate.spec?.template),
    replicas: undefined,
    schedule: spec?.schedule,
    suspended: spec?.suspend ?? false,
  }),
  horizontalpodautoscalers: ({ metadata, spec, status }) => {
    const limited = status?.conditions?.find(({ type }) => type === 'ScalingLimited');
    const reason = limited?.status === 'True' ? limited.reason : undefined;
    return {
      uid: metadata?.uid ?? '',
      minReplicas: spec?.minReplicas ?? 1,
      maxReplicas: spec?.maxReplicas ?? 0,
      targets: JSON.stringify(spec?.metrics ?? []),
      target: `${spec?.scaleTargetRef.kind}/${spec?.scaleTargetRef.name}`,
      limited: reason === 'TooManyReplicas' ? 'max' : reason === 'TooFewReplicas' ? 'min' : 'no',
      limitedSince: String(limited?.lastTransitionTime ?? ''),
    };
  },
  nodes: ({ metadata, spec, status }) => ({
    uid: metadata?.uid ?? '',
    conditions: Object.fromEntries(
      (status?.conditions ?? []).map(({ type, status: value, lastTransitionTime }) => [
        type,
        { status: value, since: String(lastTransitionTime ?? '') },
      ]),
    ),
    unschedulable: spec?.unschedulable ?? false,
    cordonedAt: String(spec?.taints?.find(({ key }) => key === cordonTaint)?.timeAdded ?? ''),
    version: status?.nodeInfo?.kubeletVersion ?? '',
    osImage: status?.nodeInfo?.osImage ?? '',
  }),
  configmaps: (object) => config(object),
  secrets: (object) => config(object),
};

function workload(
  metadata: ClusterObjects['deployments']['metadata'],
  template: PodTemplateSpec | undefined,
): Pick<WorkloadFacts, 'uid' | 'generation' | 'containers' | 'restartedAt'> {
  const all: readonly Container[] = [
    ...(template?.spec?.initContainers ?? []),
    ...(template?.spec?.containers ?? []),
  ];
  return {
    uid: metadata?.uid ?? '',
    generation: metadata?.generation ?? 0,
    containers: Object.fromEntries(
      all.map(({ name, image = '', resources }) => [
        name,
        { image, resources: resourcesText(resources) },
      ]),
    ),
    restartedAt: template?.metadata?.annotations?.[restartAnnotation],
  };
}

function resourcesText(resources: Container['resources']): string {
  const { requests = {}, limits = {} } = resources ?? {};
  const part = (title: string, amounts: object): string[] =>
    Object.entries(amounts)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, amount]) => `${title} ${name} ${amount}`);
  return [...part('request', requests), ...part('limit', limits)].join(', ');
}

const templateHash = (template: PodTemplateSpec | undefined): string =>
  createHash('sha256')
    .update(JSON.stringify(template ?? {}))
    .digest('hex')
    .slice(0, 16);

function config({ metadata }: KubernetesObject): ConfigFacts {
  const { labels = {}, name = '' } = metadata ?? {};
  const isRelease = labels['owner'] === 'helm' && name.startsWith('sh.helm.release.');
  return {
    uid: metadata?.uid ?? '',
    resourceVersion: metadata?.resourceVersion ?? '',
    ...(isRelease ? { release: `${labels['version'] ?? ''} ${labels['status'] ?? ''}` } : {}),
  };
}

/** When it was made. */
export const createdMs = ({ metadata }: KubernetesObject): number | undefined =>
  timeMsOf(metadata?.creationTimestamp);
