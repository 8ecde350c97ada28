import type { KubernetesObject } from '#kubernetes/client';
import { timeMsOf } from '#kubernetes/cluster';
import type {
  AutoscalerFacts,
  ConfigFacts,
  Facts,
  FactsOf,
  NodeFacts,
  TrackedName,
  WorkloadFacts,
} from './facts.ts';
import { kindOf } from './facts.ts';
import type { ChangeRecord } from './record.ts';

/** A change before it is known whom the object belongs to and who made it. */
export interface Draft
  extends Pick<ChangeRecord, 'id' | 'change' | 'severity' | 'message' | 'before' | 'after'> {
  /** Unix ms; undefined: now. */
  readonly atMs?: number | undefined;
}

/** What has become of an object, and what is to be known of it from now on. */
export interface Comparison<F> {
  readonly drafts: readonly Draft[];
  readonly facts: F;
}

const nameOf = (name: TrackedName, { metadata }: KubernetesObject): string => {
  const { namespace, name: own = '' } = metadata ?? {};
  return `${kindOf[name]} ${namespace === undefined ? '' : `${namespace}/`}${own}`;
};

/** Compares an object with what was known of it. No I/O, no clock. */
export function compareFacts<N extends TrackedName>(
  name: N,
  object: KubernetesObject,
  before: FactsOf[N],
  after: FactsOf[N],
): Comparison<FactsOf[N]> {
  const what = nameOf(name, object);
  switch (name) {
    case 'nodes':
      return { drafts: nodeDrafts(what, before as NodeFacts, after as NodeFacts), facts: after };
    case 'horizontalpodautoscalers':
      return {
        drafts: autoscalerDrafts(what, before as AutoscalerFacts, after as AutoscalerFacts),
        facts: after,
      };
    case 'configmaps':
    case 'secrets':
      return {
        drafts: configDrafts(what, object, before as ConfigFacts, after as ConfigFacts),
        facts: after,
      };
    default:
      return workloadComparison(
        what,
        before as WorkloadFacts,
        after as WorkloadFacts,
      ) as Comparison<FactsOf[N]>;
  }
}

function workloadComparison(
  what: string,
  before: WorkloadFacts,
  after: WorkloadFacts,
): Comparison<WorkloadFacts> {
  const { uid, generation } = after;
  const drafts: Draft[] = [];
  if (before.replicas !== undefined && after.replicas !== before.replicas) {
    drafts.push({
      id: `scaling:${uid}:${generation}`,
      change: 'scaling',
      severity: 'info',
      message: `${what} was scaled from ${before.replicas} to ${after.replicas}`,
      before: { replicas: before.replicas },
      after: { replicas: after.replicas },
    });
  }
  if (before.schedule !== after.schedule || before.suspended !== after.suspended) {
    drafts.push({
      id: `schedule:${uid}:${generation}`,
      change: 'schedule',
      severity: 'info',
      message: scheduleMessage(what, before, after),
      before: { schedule: before.schedule, suspended: before.suspended },
      after: { schedule: after.schedule, suspended: after.suspended },
    });
  }
  // Until its controller has taken up a template, it is nobody's rollout.
  if (after.revision === before.revision || after.revision === undefined) {
    const { containers, restartedAt, revision } = before;
    return { drafts, facts: { ...after, containers, restartedAt, revision } };
  }
  if (before.revision !== undefined) drafts.push(rollout(what, before, after));
  return { drafts, facts: after };
}

function rollout(what: string, before: WorkloadFacts, after: WorkloadFacts): Draft {
  const parts = templateParts(before, after);
  return {
    id: `rollout:${after.uid}:${after.revision}`,
    change: 'rollout',
    severity: 'info',
    message: `${what} has a new template: ${parts.join('; ')}`,
    before: templateOf(before),
    after: templateOf(after),
  };
}

const templateOf = ({ revision, containers }: WorkloadFacts): Record<string, unknown> => ({
  revision,
  images: Object.fromEntries(Object.entries(containers).map(([name, { image }]) => [name, image])),
  resources: Object.fromEntries(
    Object.entries(containers).map(([name, { resources }]) => [name, resources]),
  ),
});

function templateParts(before: WorkloadFacts, after: WorkloadFacts): string[] {
  const parts: string[] = [];
  for (const name of new Set([
    ...Object.keys(before.containers),
    ...Object.keys(after.containers),
  ])) {
    const old = before.containers[name];
    const now = after.containers[name];
    if (old === undefined) parts.push(`container ${name} was added with ${now?.image}`);
    else if (now === undefined) parts.push(`container ${name} was removed`);
    else {
      if (old.image !== now.image) parts.push(`${name} ${old.image} -> ${now.image}`);
      if (old.resources !== now.resources) {
        parts.push(`${name} ${old.resources || 'no resources'} -> ${now.resources || 'none'}`);
      }
    }
  }
  if (before.restartedAt !== after.restartedAt) parts.push('its pods are started anew');
  return parts.length === 0 ? ['labels, environment, mounts or other settings'] : parts;
}

function scheduleMessage(what: string, before: WorkloadFacts, after: WorkloadFacts): string {
  if (before.suspended !== after.suspended) {
    return `${what} was ${after.suspended === true ? 'suspended' : 'resumed'}`;
  }
  return `${what} runs at "${after.schedule}" instead of "${before.schedule}"`;
}

function autoscalerDrafts(what: string, before: AutoscalerFacts, after: AutoscalerFacts): Draft[] {
  const drafts: Draft[] = [];
  const { minReplicas, maxReplicas } = after;
  const isSame =
    before.minReplicas === minReplicas &&
    before.maxReplicas === maxReplicas &&
    before.targets === after.targets &&
    before.target === after.target;
  const settings = (facts: AutoscalerFacts): Record<string, unknown> => ({
    minReplicas: facts.minReplicas,
    maxReplicas: facts.maxReplicas,
    target: facts.target,
    metrics: JSON.parse(facts.targets) as unknown,
  });
  if (!isSame) {
    drafts.push({
      id: `autoscaler:${after.uid}:${minReplicas}:${maxReplicas}:${hash(after.targets)}:${before.minReplicas}:${before.maxReplicas}:${hash(before.targets)}`,
      change: 'autoscaler',
      severity: 'info',
      message: `${what} has other limits: ${before.minReplicas} to ${before.maxReplicas} -> ${minReplicas} to ${maxReplicas}`,
      before: settings(before),
      after: settings(after),
    });
  }
  if (before.limited !== after.limited && after.limited === 'max') {
    drafts.push({
      id: `autoscaler:${after.uid}:limited:${after.limitedSince}`,
      change: 'autoscaler',
      severity: 'warning',
      message: `${what} wants more than its maximum of ${maxReplicas} replicas`,
      after: { maxReplicas, target: after.target },
    });
  }
  return drafts;
}

/** A short name for a long text. */
function hash(text: string): string {
  let value = 0;
  for (let at = 0; at < text.length; at++) value = (value * 31 + text.charCodeAt(at)) | 0;
  return (value >>> 0).toString(16);
}

/** Conditions that are good when they are true; all others of a node are troubles. */
const goodConditions: ReadonlySet<string> = new Set(['Ready']);

function nodeDrafts(what: string, before: NodeFacts, after: NodeFacts): Draft[] {
  const drafts: Draft[] = [];
  const { uid } = after;
  for (const [type, { status, since }] of Object.entries(after.conditions)) {
    const old = before.conditions[type]?.status;
    if (old === status || old === undefined) continue;
    const isGood = (status === 'True') === goodConditions.has(type) && status !== 'Unknown';
    drafts.push({
      id: `node:${uid}:${type}:${status}:${since}`,
      change: 'node',
      severity: isGood ? 'info' : type === 'Ready' ? 'error' : 'warning',
      message: `${what}: ${type} is ${status}`,
      before: { [type]: old },
      after: { [type]: status },
      atMs: timeMsOf(since),
    });
  }
  if (before.unschedulable !== after.unschedulable) {
    const flag = ({ unschedulable }: NodeFacts): Record<string, unknown> => ({ unschedulable });
    const since = after.unschedulable ? after.cordonedAt : `after ${before.cordonedAt}`;
    drafts.push({
      id: `node:${uid}:${after.unschedulable ? 'cordoned' : 'uncordoned'}:${since}`,
      change: 'node',
      severity: 'info',
      message: `${what} was ${after.unschedulable ? 'cordoned' : 'uncordoned'}`,
      before: flag(before),
      after: flag(after),
    });
  }
  if (before.version !== after.version || before.osImage !== after.osImage) {
    const version = ({ version, osImage }: NodeFacts): Record<string, unknown> => ({
      version,
      osImage,
    });
    drafts.push({
      id: `node:${uid}:version:${after.version}:${after.osImage}`,
      change: 'node',
      severity: 'info',
      message: `${what} runs ${after.version} instead of ${before.version}`,
      before: version(before),
      after: version(after),
    });
  }
  return drafts;
}

function configDrafts(
  what: string,
  object: KubernetesObject,
  before: ConfigFacts,
  after: ConfigFacts,
): Draft[] {
  if (after.release !== undefined) {
    return after.release === before.release ? [] : [releaseDraft(object, after)];
  }
  if (before.resourceVersion === after.resourceVersion) return [];
  return [
    {
      id: `config:${after.uid}:${after.resourceVersion}`,
      change: 'config',
      severity: 'info',
      message: `${what} was written`,
      before: { resourceVersion: before.resourceVersion },
      after: { resourceVersion: after.resourceVersion },
    },
  ];
}

function releaseDraft({ metadata }: KubernetesObject, { release, uid }: ConfigFacts): Draft {
  const name = metadata?.labels?.['name'] ?? metadata?.name ?? '';
  const [revision = '', status = ''] = (release ?? '').split(' ');
  return {
    id: `release:${uid}:${release}`,
    change: 'release',
    severity: status === 'failed' ? 'error' : 'info',
    message: `Helm release ${metadata?.namespace}/${name} ${revision} is ${status}`,
    after: { release: name, revision, status },
  };
}

/** Made with each namespace and service account, and gone with them. */
const madeByKubernetes = /^(?:kube-root-ca\.crt|openshift-service-ca\.crt|.*-token-[a-z0-9]{5})$/;

/** Objects whose coming is told. */
export function createdDraft(
  name: TrackedName,
  object: KubernetesObject,
  facts: Facts,
  atMs: number | undefined,
): Draft | undefined {
  const what = nameOf(name, object);
  switch (name) {
    case 'nodes':
      return {
        id: `node:${facts.uid}:added`,
        change: 'node',
        severity: 'info',
        message: `${what} has joined`,
        after: { version: (facts as NodeFacts).version },
        atMs,
      };
    case 'configmaps':
    case 'secrets': {
      const config = facts as ConfigFacts;
      if (madeByKubernetes.test(object.metadata?.name ?? '')) return undefined;
      if (config.release !== undefined) return { ...releaseDraft(object, config), atMs };
      return {
        id: `config:${config.uid}:created`,
        change: 'config',
        severity: 'info',
        message: `${what} was created`,
        after: { resourceVersion: config.resourceVersion },
        atMs,
      };
    }
    case 'horizontalpodautoscalers': {
      const { uid, minReplicas, maxReplicas, target } = facts as AutoscalerFacts;
      return {
        id: `created:${uid}`,
        change: 'created',
        severity: 'info',
        message: `${what} was created for ${target}: ${minReplicas} to ${maxReplicas} replicas`,
        after: { minReplicas, maxReplicas, target },
        atMs,
      };
    }
    default: {
      const workload = facts as WorkloadFacts;
      return {
        id: `created:${workload.uid}`,
        change: 'created',
        severity: 'info',
        message: `${what} was created`,
        after: { ...templateOf(workload), replicas: workload.replicas },
        atMs,
      };
    }
  }
}

export function deletedDraft(
  name: TrackedName,
  object: KubernetesObject,
  facts: Facts,
): Draft | undefined {
  const what = nameOf(name, object);
  // Helm keeps so many releases and deletes older ones.
  if ('release' in facts && facts.release !== undefined) return undefined;
  if (isConfig(name) && madeByKubernetes.test(object.metadata?.name ?? '')) return undefined;
  const change = name === 'nodes' ? 'node' : isConfig(name) ? 'config' : 'deleted';
  return {
    id: `deleted:${facts.uid}`,
    change,
    severity: name === 'nodes' ? 'warning' : 'info',
    message: name === 'nodes' ? `${what} is gone` : `${what} was deleted`,
  };
}

const isConfig = (name: TrackedName): boolean => name === 'configmaps' || name === 'secrets';
