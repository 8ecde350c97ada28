import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
} from 'kubernetes-types/apiextensions/v1.d.ts';
import type { Container, Node, Pod, PodSpec, PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts';
import type { ResourceName } from '#kubernetes/client';
import { normalizers } from './normalize.ts';
import type { ClusterObjects } from './objects.ts';

type Projection<T> = (object: T) => T | undefined;

/**
 * What is kept of each object: what metrics, discovery and detectors read. Where somebody wants the
 * rest (environment, probes, mounts), one object is read from the API server when it is wanted.
 */
const projections: { readonly [N in ResourceName]?: Projection<ClusterObjects[N]> } = {
  pods: (pod) => projectPod(pod),
  nodes: (node) => projectNode(node),
  customresourcedefinitions: (crd) => projectCrd(crd),
  deployments: (object) => withSmallTemplate(object),
  replicasets: (object) => withSmallTemplate(object),
  statefulsets: (object) => withSmallTemplate(object),
  daemonsets: (object) => withSmallTemplate(object),
  replicationcontrollers: (object) => withSmallTemplate(object),
  jobs: (object) => withSmallTemplate(object),
  cronjobs: (object) => {
    const { spec } = object;
    const jobSpec = spec?.jobTemplate.spec;
    if (spec === undefined || jobSpec === undefined) return object;
    const template = smallTemplate(jobSpec.template);
    const jobTemplate = { ...spec.jobTemplate, spec: { ...jobSpec, template } };
    return assemble(object, { ...spec, jobTemplate });
  },
};

/** Makes of an object as the server has it what readers get. */
export function projectionOf<N extends ResourceName>(name: N): Projection<ClusterObjects[N]> {
  const normalize = normalizers[name] as ((object: unknown) => unknown) | undefined;
  const project = projections[name] as Projection<ClusterObjects[N]> | undefined;
  return (object) => {
    const newest = normalize === undefined ? object : (normalize(object) as ClusterObjects[N]);
    return project === undefined ? newest : project(newest);
  };
}

function projectPod(pod: Pod): Pod {
  const { spec } = pod;
  return assemble(pod, spec === undefined ? undefined : podSpec(spec));
}

/** New objects with few keys: deleting keys of the old ones would make hash tables of them. */
function podSpec(spec: PodSpec): PodSpec {
  const volumes = spec.volumes?.filter(
    ({ persistentVolumeClaim, ephemeral }) =>
      persistentVolumeClaim !== undefined || ephemeral !== undefined,
  );
  const small: PodSpec = { containers: spec.containers.map(smallContainer) };
  if (spec.initContainers !== undefined) {
    small.initContainers = spec.initContainers.map(smallContainer);
  }
  if (spec.nodeName !== undefined) small.nodeName = spec.nodeName;
  if (volumes !== undefined && volumes.length > 0) small.volumes = volumes;
  return copyDefined(small, spec, podSpecKeys);
}

const podSpecKeys = [
  'activeDeadlineSeconds',
  'hostNetwork',
  'hostname',
  'nodeSelector',
  'overhead',
  'preemptionPolicy',
  'priority',
  'priorityClassName',
  'readinessGates',
  'resourceClaims',
  'restartPolicy',
  'runtimeClassName',
  'schedulerName',
  'serviceAccountName',
  'subdomain',
  'terminationGracePeriodSeconds',
  'tolerations',
] as const satisfies readonly (keyof PodSpec)[];

const containerKeys = [
  'image',
  'ports',
  'resources',
  'restartPolicy',
] as const satisfies readonly (keyof Container)[];

const smallContainer = (container: Container): Container =>
  copyDefined<Container>({ name: container.name }, container, containerKeys);

function copyDefined<T extends object>(to: T, from: T, keys: readonly (keyof T)[]): T {
  for (const key of keys) {
    const value = from[key];
    if (value !== undefined) to[key] = value;
  }
  return to;
}

function smallTemplate({ metadata, spec }: PodTemplateSpec): PodTemplateSpec {
  const { labels, annotations } = metadata ?? {};
  return {
    metadata: {
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    ...(spec === undefined ? {} : { spec: podSpec(spec) }),
  };
}

interface WithTemplate {
  metadata?: unknown;
  spec?: { template?: PodTemplateSpec } | undefined;
  status?: unknown;
}

function withSmallTemplate<T extends WithTemplate>(object: T): T {
  const { spec } = object;
  const template = spec?.template;
  if (spec === undefined || template === undefined) return object;
  return assemble(object, { ...spec, template: smallTemplate(template) });
}

/** A node lists the images that it holds: kilobytes that change each minute. */
function projectNode(node: Node): Node {
  const { status } = node;
  if (status === undefined) return assemble(node, node.spec);
  const { images: _images, volumesInUse: _inUse, volumesAttached: _attached, ...rest } = status;
  return assemble(node, node.spec, rest);
}

function projectCrd(crd: CustomResourceDefinition): CustomResourceDefinition {
  const { group, names, scope, versions } = crd.spec;
  const small: CustomResourceDefinitionSpec = {
    group,
    names,
    scope,
    versions: versions.map(({ name, served, storage, deprecated }) => ({
      name,
      served,
      storage,
      ...(deprecated === undefined ? {} : { deprecated }),
    })),
  };
  return assemble(crd, small, { conditions: crd.status?.conditions ?? [] });
}

/** Always the same keys in the same order, so that all objects of a kind have one layout in memory. */
function assemble<T extends { metadata?: unknown; spec?: unknown; status?: unknown }>(
  { metadata, status }: T,
  spec: unknown,
  newStatus: unknown = status,
): T {
  return { metadata, spec, status: newStatus } as T;
}
